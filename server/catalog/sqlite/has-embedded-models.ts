import { statSync } from 'node:fs'
import Database from 'better-sqlite3'

/** Whether a file is a catalog in which something was published; it need not be there. */
export function hasEmbeddedModels(file: string): boolean {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) return false
  const database = new Database(file, { readonly: true, fileMustExist: true })
  try {
    return database.prepare('select 1 from models limit 1').get() !== undefined
  } catch {
    // Not a catalog, or none yet.
    return false
  } finally {
    database.close()
  }
}
