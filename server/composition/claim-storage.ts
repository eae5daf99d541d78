import { createHash, randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ObjectNotFound, type ObjectStore } from '../../storage/object-store.ts'

/** The object that names the data directory whose catalog knows what lies beside it. */
export const OWNER_KEY = 'slipway-owner'
const OWNER_FILE = 'storage-owner'

/** The folder of the bucket belongs to another data directory. */
export class StorageClaimed extends Error {
  override readonly name = 'StorageClaimed'
}

/**
 * Makes a bucket folder this data directory's own. A server deletes the blobs that no release of its catalog names: two
 * catalogs over one folder, or an empty one over a full folder, would cost all archives.
 *
 * @throws StorageClaimed where it is another's, and what the store throws.
 */
export async function claimStorage(store: ObjectStore, dataDir: string): Promise<void> {
  const own = await ownName(path.join(dataDir, OWNER_FILE))
  if ((await readOwner(store)) === undefined) await writeOwner(store, own)
  // Two that claim it at once: one of them is in the object.
  const owner = await readOwner(store)
  if (owner === own) return
  throw new StorageClaimed(
    `${store.description} belongs to another data directory than ${dataDir}, and archives that this one does not know ` +
      'would be deleted: give REMOTE_STORAGE_PATH a folder of its own. Where this data directory takes over from the other ' +
      `(a backup was restored into it), delete the object ${OWNER_KEY} there and start again`,
  )
}

async function ownName(file: string): Promise<string> {
  try {
    await writeFile(file, `${randomUUID()}\n`, { flag: 'wx', flush: true })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return (await readFile(file, 'utf8')).trim()
}

async function readOwner(store: ObjectStore): Promise<string | undefined> {
  try {
    const { chunks } = await store.open(OWNER_KEY)
    const parts: Buffer[] = []
    for await (const chunk of chunks) parts.push(Buffer.from(chunk))
    return Buffer.concat(parts).toString().trim()
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined
    throw error
  }
}

async function writeOwner(store: ObjectStore, own: string): Promise<void> {
  const bytes = Buffer.from(`${own}\n`)
  const staged = await store.stage()
  try {
    await staged.write(bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    await staged.commit(OWNER_KEY, { sha256, ifExists: 'keep' })
  } finally {
    await staged.discard()
  }
}
