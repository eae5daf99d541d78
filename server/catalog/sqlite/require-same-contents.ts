import { open } from 'node:fs/promises'
import Database from 'better-sqlite3'
import type { Database as Connection } from 'better-sqlite3'
import { DomainError } from '../../errors/errors.ts'
import { quickCheck } from './quick-check.ts'

/**
 * Makes sure that a file which was touched behind an open connection says what it did: a connection caches pages, and would
 * write them among those of another catalog.
 *
 * @throws OverwrittenCatalog where it does not; DomainError `catalog-unavailable`, with `damaged`, where pages are damaged.
 */
export async function requireSameContents(file: string, opened: Connection): Promise<void> {
  // SQLite deletes the write-ahead log of an empty file as it opens it.
  if (!(await startsAsDatabase(file))) throw new OverwrittenCatalog()
  await quickCheck(file)
  const fresh = new Database(file, { readonly: true, fileMustExist: true })
  try {
    if (outlineOf(fresh) === outlineOf(opened)) return
  } finally {
    fresh.close()
  }
  throw new OverwrittenCatalog()
}

/** The file holds a sound catalog, and not the one that was opened. */
export class OverwrittenCatalog extends DomainError {
  constructor() {
    super('catalog-unavailable', OVERWRITTEN, { damaged: true })
  }
}

/** How every file of SQLite begins (https://www.sqlite.org/fileformat.html §1.3). */
const MAGIC = 'SQLite format 3\0'

const OVERWRITTEN =
  'Another program overwrote the catalog while the server runs. Bots are served what it said last; nothing can be changed until ' +
  'a backup is restored: stop the server, then slipway restore.'

async function startsAsDatabase(file: string): Promise<boolean> {
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0)
    return buffer.subarray(0, bytesRead).toString('latin1') === MAGIC
  } finally {
    await handle.close()
  }
}

/** Differs between two catalogs, and between two states of one whose models changed in between. */
function outlineOf(connection: Connection): string {
  const models = connection.prepare('select model, revision from models order by model').raw().all()
  const identity = connection.prepare('select server from identity').raw().all()
  return JSON.stringify([identity, models])
}
