import { stat } from 'node:fs/promises'
import Database from 'better-sqlite3'
import { DomainError } from '../../errors/errors.ts'

/** What is checked at start: some 0.1 s. A larger catalog is checked page by page as it is read. */
const LARGEST = 64 * 1024 * 1024

/**
 * Looks at every page of a catalog that is not too large.
 *
 * @throws DomainError `catalog-unavailable` where pages are damaged.
 */
export async function quickCheck(file: string): Promise<void> {
  if ((await stat(file)).size > LARGEST) return
  const database = new Database(file, { readonly: true, fileMustExist: true })
  try {
    const found = database.pragma('quick_check(1)', { simple: true })
    if (found !== 'ok') throw damagedCatalog(file, found)
  } catch (error) {
    throw error instanceof DomainError ? error : damagedCatalog(file, error)
  } finally {
    database.close()
  }
}

function damagedCatalog(file: string, found: unknown): DomainError {
  const cause = found instanceof Error ? found : new Error(String(found))
  return new DomainError(
    'catalog-unavailable',
    `The catalog ${file} is damaged. Restore a backup (slipway restore).`,
    { damaged: true },
    { cause },
  )
}
