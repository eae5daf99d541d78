import Database from 'better-sqlite3'

/** Has a copy of a catalog belong to nobody: what was taken of the original (a move, a term) says nothing of it. */
export function forgetLeases(file: string): void {
  const database = new Database(file, { fileMustExist: true })
  try {
    if (database.prepare("select 1 from sqlite_master where name = 'leases'").get() !== undefined)
      database.exec('delete from leases')
  } finally {
    database.close()
  }
}
