import { createHash } from 'node:crypto'
import type { ObjectStore } from '../../storage/object-store.ts'

/** Puts an object into a store, whatever was there before. */
export async function putObject(store: ObjectStore, key: string, bytes: Uint8Array): Promise<void> {
  const staged = await store.stage()
  try {
    await staged.write(bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    await staged.commit(key, { sha256, ifExists: 'replace' })
  } finally {
    await staged.discard()
  }
}

/** All bytes of an object. */
export async function readObject(store: ObjectStore, key: string): Promise<Buffer> {
  const { chunks } = await store.open(key)
  const parts: Buffer[] = []
  for await (const chunk of chunks) parts.push(Buffer.from(chunk))
  return Buffer.concat(parts)
}

/** The keys of all objects, sorted. */
export async function keysOf(store: ObjectStore): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list('')) keys.push(key)
  return keys.sort()
}
