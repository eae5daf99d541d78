import { createHash, randomBytes } from 'node:crypto'
import type { CommitOptions, ObjectStore, OpenOptions, StagedObject } from '../../storage/object-store.ts'

/** The SHA-256 of some bytes in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Bytes that differ everywhere, so that a part in the wrong place shows. */
export function someBytes(size: number): Buffer {
  return randomBytes(size)
}

/** Stages `bytes` in pieces of `pieceSize`, each overwritten after its write, as a socket's buffer would be. */
export async function stageBytes(
  store: ObjectStore,
  bytes: Uint8Array,
  pieceSize = 256 * 1024,
): Promise<StagedObject> {
  const staged = await store.stage()
  for (let start = 0; start < bytes.byteLength; start += pieceSize) {
    const piece = Uint8Array.from(bytes.subarray(start, start + pieceSize))
    await staged.write(piece)
    piece.fill(0)
  }
  return staged
}

/** Puts an object in place in one call. */
export async function putBytes(
  store: ObjectStore,
  key: string,
  bytes: Uint8Array,
  ifExists: CommitOptions['ifExists'] = 'keep',
): Promise<'created' | 'exists'> {
  const staged = await stageBytes(store, bytes)
  try {
    return await staged.commit(key, { sha256: sha256(bytes), ifExists })
  } finally {
    await staged.discard()
  }
}

/** Copies all chunks; each before the next is asked for, as the port demands. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Uint8Array[] = []
  for await (const chunk of chunks) copies.push(Uint8Array.from(chunk))
  return Buffer.concat(copies)
}

/** Reads an object, or a part of it, in one call. */
export async function getBytes(store: ObjectStore, key: string, options?: OpenOptions): Promise<Buffer> {
  const object = await store.open(key, options)
  try {
    return await collect(object.chunks)
  } finally {
    await object.close()
  }
}

/** The keys under a prefix, sorted. */
export async function listKeys(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix)) keys.push(key)
  return keys.sort()
}

/** The error that `work` ends in; fails where it ends well. */
export async function errorOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work
  } catch (error) {
    if (error instanceof Error) return error
    throw new TypeError('what was thrown is no Error', { cause: error })
  }
  throw new Error('an error was expected, and none came')
}
