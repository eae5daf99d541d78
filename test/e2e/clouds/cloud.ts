import { randomUUID } from 'node:crypto'
import path from 'node:path'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { openStore } from '../../../storage/open-store.ts'
import { readStoreUrl } from '../../../storage/read-store-settings.ts'
import { afterThisTest, temporaryDirectory } from '../../support/temporary-directory.ts'

/** A cloud as the tests see it: a real server, and how Slipway is told of it. */
export interface Cloud {
  name: string
  /** What STORAGE calls it. */
  kind: 'aws' | 'gcs' | 'azure'
  scheme: 's3' | 'gs' | 'azure'
  /** The variable that names the bucket. */
  bucketVariable: string
  /** The variable to look at where nobody answers. */
  endpointVariable: string
  /** Secrets that must appear nowhere. */
  secrets: string[]
  port: number
  /** How to get in, by Rasa's variables; at another port where a proxy stands in front. */
  env: (port?: number) => Record<string, string>
  makeBucket: (name: string) => Promise<unknown>
}

/** Makes a bucket of its own for the current test; gives its name. */
export async function aBucket(cloud: Cloud): Promise<string> {
  const bucket = `test-${randomUUID()}`
  await cloud.makeBucket(bucket)
  return bucket
}

/** The variables that make a bucket the blob store of a server. */
export function storageIn(cloud: Cloud, bucket: string, port?: number): Record<string, string> {
  return { STORAGE: cloud.kind, [cloud.bucketVariable]: bucket, ...cloud.env(port) }
}

/** Opens a bucket beside the server, to look into it and to put things there. */
export async function lookInto(cloud: Cloud, bucket: string): Promise<ObjectStore> {
  const spool = path.join(await temporaryDirectory(), 'spool')
  const { settings, mistakes } = readStoreUrl(`${cloud.scheme}://${bucket}`, 'URL', cloud.env(), { spool })
  if (settings === undefined) throw new Error(mistakes.join())
  const store = await openStore(settings)
  afterThisTest(() => store.close())
  return store
}
