import { rm } from 'node:fs/promises'

/** Removes a SQLite file that nobody uses, and what SQLite keeps beside it. */
export async function removeDatabase(file: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '-journal'])
    await rm(`${file}${suffix}`, { force: true, recursive: true })
}
