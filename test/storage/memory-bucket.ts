import { Readable } from 'node:stream'
import type { Bucket, UploadSource } from '../../storage/bucket/bucket.ts'
import { NoCreateOnce } from '../../storage/bucket/bucket.ts'
import type { ObjectStat } from '../../storage/object-store.ts'
import { ObjectChanged, ObjectNotFound } from '../../storage/object-store.ts'

/**
 * A bucket in memory, with pages of ten objects.
 *
 * @param createsOnce false where it ignores the condition on uploads, undefined where it refuses it
 */
export function memoryBucket(createsOnce: boolean | undefined): Bucket {
  const objects = new Map<string, { stat: ObjectStat; bytes: Uint8Array }>()
  let versions = 0

  async function put(key: string, source: UploadSource, once: boolean): Promise<'created' | 'exists'> {
    if (once && createsOnce === undefined) throw new NoCreateOnce('not implemented')
    const bytes = new Uint8Array(source.size)
    await source.readInto(bytes, 0)
    if (once && createsOnce && objects.has(key)) return 'exists'
    versions += 1
    const stat = { key, size: source.size, version: String(versions), modifiedAt: Date.now() }
    objects.set(key, { stat, bytes })
    return 'created'
  }

  return {
    description: 'memory bucket',
    list: (prefix, cursor = '') => {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > cursor).sort()
      const page = keys.slice(0, 10)
      const next = keys.length > 10 ? page.at(-1) : undefined
      return Promise.resolve({ objects: page.map((key) => objects.get(key)!.stat), next })
    },
    head: (key) => Promise.resolve(objects.get(key)?.stat),
    get: (key, { range, ifVersion }) => {
      const object = objects.get(key)
      if (!object) return Promise.reject(new ObjectNotFound(key))
      const { stat, bytes } = object
      if (ifVersion !== undefined && ifVersion !== stat.version) return Promise.reject(new ObjectChanged(key))
      const { start, length } = range ?? { start: 0, length: stat.size }
      const chunks = Array.from({ length: Math.ceil(length / 65_536) }, (_, index) =>
        bytes.slice(start + index * 65_536, Math.min(start + (index + 1) * 65_536, start + length)),
      )
      return Promise.resolve({ stat, body: Readable.from(chunks) })
    },
    put: (key, source, { once }) => put(key, source, once),
    swap: (key, bytes, expected) => {
      if ((objects.get(key)?.stat.version ?? null) !== expected) return Promise.reject(new ObjectChanged(key))
      versions += 1
      const stat = { key, size: bytes.byteLength, version: String(versions), modifiedAt: Date.now() }
      objects.set(key, { stat, bytes: Uint8Array.from(bytes) })
      return Promise.resolve(stat.version)
    },
    remove: (key) => {
      objects.delete(key)
      return Promise.resolve()
    },
    close: () => Promise.resolve(),
  }
}
