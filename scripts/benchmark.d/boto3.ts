import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from './find-program.ts'
import { cacheFolder } from './versitygw.ts'

const PROGRAM = path.join(import.meta.dirname, 'rivals/boto3-transfer.py')

/** One file on its way between the disk and a bucket of S3. */
export interface Transfer {
  how: 'upload' | 'download'
  key: string
  file: string
  /** As Slipway is told of the bucket. */
  env: Record<string, string>
}

/** Transfers a file by boto3 in parallel parts, as it does by default; gives the seconds without its start, and those of CPU time. */
export async function transferByBoto3({
  how,
  key,
  file,
  env,
}: Transfer): Promise<{ seconds: number; cpuSeconds: number }> {
  const python = findProgram('persistor-python') ?? path.join(cacheFolder(), 'bin/persistor-python')
  const { stdout } = await promisify(execFile)(python, [PROGRAM, how, env['BUCKET_NAME'] ?? '', key, file], {
    env: { ...process.env, ...env },
  })
  const [seconds = NaN, cpuSeconds = NaN] = stdout.split(' ').map(Number)
  return { seconds, cpuSeconds }
}
