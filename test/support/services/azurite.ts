import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { createRequire } from 'node:module'
import { randomBytes } from 'node:crypto'
import type { Service } from './service-process.ts'
import { runService } from './service-process.ts'

/** An Azure Blob Storage server, azurite. */
export interface Azurite extends Service {
  endpointUrl: string
  port: number
  accountName: string
  accountKey: string
  makeContainer: (name: string) => Promise<void>
}

export async function startAzurite(): Promise<Azurite> {
  const accountName = 'teststore'
  const accountKey = randomBytes(64).toString('base64')
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js')
  const { port, stop } = await runService((port) => ({
    program: process.execPath,
    args: [
      program,
      '--silent',
      '--inMemoryPersistence',
      '--skipApiVersionCheck',
      '--disableTelemetry',
    ].concat(['--blobHost', '127.0.0.1', '--blobPort', String(port)]),
    env: { AZURITE_ACCOUNTS: `${accountName}:${accountKey}` },
    healthUrl: `http://127.0.0.1:${port}/`,
  }))
  const endpointUrl = `http://127.0.0.1:${port}/${accountName}`
  const client = new BlobServiceClient(endpointUrl, new StorageSharedKeyCredential(accountName, accountKey))
  return {
    endpointUrl,
    port,
    accountName,
    accountKey,
    stop,
    makeContainer: async (name) => {
      await client.getContainerClient(name).createIfNotExists()
    },
  }
}
