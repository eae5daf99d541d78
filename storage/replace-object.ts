import { createHash } from 'node:crypto'
import type { ObjectStore } from './object-store.ts'

/**
 * Puts a few bytes under a key, in the place of what is there.
 *
 * @throws what the store throws; the key is as it was then.
 */
export async function replaceObject(
  store: Pick<ObjectStore, 'stage'>,
  key: string,
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  const staged = await store.stage()
  try {
    await staged.write(bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    await staged.commit(key, { sha256, ifExists: 'replace', ...(signal === undefined ? {} : { signal }) })
  } finally {
    await staged.discard()
  }
}
