import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { freePort } from '../../test/support/free-port.ts'
import { findProgram } from './find-program.ts'
import { startServer } from './start-server.ts'

const ACCESS_KEY = 'benchmark'
const SECRET_KEY = 'not-a-secret-of-anybody'
const BUCKET = 'archives'

/** Starts an S3 server over files, with one bucket; gives the environment that makes it a server's blob store. */
export async function startS3(folder: string): Promise<Record<string, string>> {
  const program = findProgram('versitygw') ?? path.join(cacheFolder(), 'bin/versitygw')
  const port = await freePort()
  const [data, meta] = [path.join(folder, 's3'), path.join(folder, 'meta')]
  mkdirSync(path.join(data, BUCKET), { recursive: true })
  mkdirSync(meta)
  const server = await startServer(
    [
      ...([program, '--quiet', '--keep-alive', '--health', '/healthz'] as const),
      '--port',
      `127.0.0.1:${port}`,
      'posix',
      '--sidecar',
      meta,
      data,
    ],
    {
      folder,
      port,
      readyPath: '/healthz',
      env: { ROOT_ACCESS_KEY: ACCESS_KEY, ROOT_SECRET_KEY: SECRET_KEY },
    },
  )
  return {
    STORAGE: 'aws',
    BUCKET_NAME: BUCKET,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: server.url,
    AWS_ACCESS_KEY_ID: ACCESS_KEY,
    AWS_SECRET_ACCESS_KEY: SECRET_KEY,
  }
}

/** Where scripts/services installs what it starts. */
export function cacheFolder(): string {
  const { TEST_CACHE, XDG_CACHE_HOME } = process.env
  return TEST_CACHE ?? path.join(XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'slipway')
}
