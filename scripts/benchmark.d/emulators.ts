import { createRequire } from 'node:module'
import path from 'node:path'
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { freePort } from '../../test/support/free-port.ts'
import { findProgram } from './find-program.ts'
import { startServer } from './start-server.ts'
import { cacheFolder } from './versitygw.ts'

const ACCOUNT = 'benchmark'
const ACCOUNT_KEY = Buffer.from('not a secret of anybody').toString('base64')
const CONTAINER = 'archives'

/** Starts a server that speaks like Google's, with one bucket; gives the environment that makes it a server's blob store. */
export async function startGcs(folder: string): Promise<Record<string, string>> {
  const program = findProgram('fake-gcs-server') ?? path.join(cacheFolder(), 'bin/fake-gcs-server')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  await startServer(
    [
      ...([program, '-scheme', 'http', '-host', '127.0.0.1', '-port', String(port)] as const),
      '-backend',
      'memory',
      '-public-host',
      `127.0.0.1:${port}`,
      '-external-url',
      url,
      '-log-level',
      'warn',
    ],
    { folder, port, readyPath: '/_internal/healthcheck' },
  )
  const made = await fetch(`${url}/storage/v1/b?project=benchmark`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: CONTAINER }),
  })
  await made.body?.cancel()
  return { STORAGE: 'gcs', BUCKET_NAME: CONTAINER, SLIPWAY_GCS_ENDPOINT_URL: url }
}

/** Starts a server that speaks like Azure's, as {@link startGcs}. */
export async function startAzure(folder: string): Promise<Record<string, string>> {
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js')
  const port = await freePort()
  const { url } = await startServer(
    [
      ...([process.execPath, program, '--silent', '--skipApiVersionCheck', '--disableTelemetry'] as const),
      '--location',
      path.join(folder, 'azure'),
      '--blobHost',
      '127.0.0.1',
      '--blobPort',
      String(port),
    ],
    { folder, port, readyPath: '/', env: { AZURITE_ACCOUNTS: `${ACCOUNT}:${ACCOUNT_KEY}` } },
  )
  const endpoint = `${url}/${ACCOUNT}`
  const credential = new StorageSharedKeyCredential(ACCOUNT, ACCOUNT_KEY)
  await new BlobServiceClient(endpoint, credential).getContainerClient(CONTAINER).createIfNotExists()
  return {
    STORAGE: 'azure',
    AZURE_CONTAINER: CONTAINER,
    AZURE_ACCOUNT_NAME: ACCOUNT,
    AZURE_ACCOUNT_KEY: ACCOUNT_KEY,
    SLIPWAY_AZURE_ENDPOINT_URL: endpoint,
  }
}
