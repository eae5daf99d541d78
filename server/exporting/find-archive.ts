import { hashChunks } from '../../storage/hash-chunks.ts'
import { ObjectNotFound, type ObjectStore, type OpenObject } from '../../storage/object-store.ts'
import type { Digest } from '../releases/release.ts'

/**
 * The version of an object that is an archive: every byte is read, as only that tells which of two writers was the last.
 *
 * @returns undefined where there is no object, or one with other bytes.
 * @throws what the store throws, and the reason of `signal`.
 */
export async function findArchive(
  store: Pick<ObjectStore, 'open'>,
  name: string,
  digest: Digest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const object = await openIfThere(store, name, signal)
  if (object === undefined) return undefined
  try {
    const sha256 = await hashChunks(object.chunks, () => {
      signal.throwIfAborted()
    })
    return sha256 === digest ? object.version : undefined
  } finally {
    await object.close()
  }
}

async function openIfThere(
  store: Pick<ObjectStore, 'open'>,
  name: string,
  signal: AbortSignal,
): Promise<OpenObject | undefined> {
  try {
    return await store.open(name, { signal })
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined
    throw error
  }
}
