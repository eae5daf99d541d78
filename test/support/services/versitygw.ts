import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Service } from './service-process.ts'
import { installedProgram, runService } from './service-process.ts'

/** An S3 server, versitygw. Its buckets are folders: tests may look into them, and damage what lies there. */
export interface Versitygw extends Service {
  endpointUrl: string
  port: number
  region: string
  credentials: { accessKeyId: string; secretAccessKey: string }
  /** Makes a bucket, or does not mind that it is there; gives the folder with its objects. */
  makeBucket: (name: string) => Promise<string>
}

export async function startVersitygw(context: Mocha.Context): Promise<Versitygw> {
  const program = installedProgram(context, 'versitygw')
  const credentials = { accessKeyId: 'slipwaytest', secretAccessKey: 'not-a-secret-of-anybody' }
  const service = await runService((port, folder) => ({
    program: '/bin/sh',
    // The folders must be there before it starts; sidecar: not every file system has extended attributes.
    args: ['-c', 'mkdir meta data && exec "$0" "$@"', program]
      .concat(['--quiet', '--keep-alive', '--health', '/healthz', '--port', `127.0.0.1:${port}`])
      .concat(['posix', '--sidecar', path.join(folder, 'meta'), path.join(folder, 'data')]),
    env: { ROOT_ACCESS_KEY: credentials.accessKeyId, ROOT_SECRET_KEY: credentials.secretAccessKey },
    healthUrl: `http://127.0.0.1:${port}/healthz`,
  }))
  const { port, folder, stop } = service
  return {
    endpointUrl: `http://127.0.0.1:${port}`,
    port,
    region: 'us-east-1',
    credentials,
    stop,
    makeBucket: async (name) => {
      const bucketFolder = path.join(folder, 'data', name)
      await mkdir(bucketFolder, { recursive: true })
      return bucketFolder
    },
  }
}
