import { StoreFailed, type ObjectStore } from './object-store.ts'

/** Most bytes of an object that is read into memory: manifests of backups with some 100,000 archives are smaller. */
const MOST_BYTES = 64 * 1024 * 1024

/**
 * Reads a small object whole.
 *
 * @throws what the store throws; StoreFailed where the object is larger than 64 MiB
 */
export async function readObject(
  store: Pick<ObjectStore, 'open'>,
  key: string,
  signal?: AbortSignal,
): Promise<{ bytes: Buffer; version: string }> {
  const object = await store.open(key, signal === undefined ? {} : { signal })
  try {
    if (object.size > MOST_BYTES)
      throw new StoreFailed(`"${key}" has ${object.size} bytes, too many to read at once`)
    const parts: Buffer[] = []
    // The store may use the memory of a chunk again.
    for await (const chunk of object.chunks) parts.push(Buffer.from(chunk))
    return { bytes: Buffer.concat(parts), version: object.version }
  } finally {
    await object.close()
  }
}
