import path from 'node:path'
import Database from 'better-sqlite3'
import { backupBlobPath, readManifest, type BackupManifest } from './backup-manifest.ts'
import { hashFile, type FileDigest } from './durable-file.ts'
import { ToolFailure } from '../tool-failure.ts'

/**
 * Reads every byte of a backup, and says whether all of it is what its manifest says.
 *
 * @returns the manifest of a whole, sound backup.
 * @throws ToolFailure (4) that names what is wrong.
 */
export async function verifyBackup(folder: string): Promise<BackupManifest> {
  const manifest = await readManifest(folder)
  if (manifest === undefined) {
    throw new ToolFailure(
      4,
      `${folder} holds no whole backup: there is no manifest.json, which a backup writes last.`,
    )
  }
  const wrong: string[] = []
  const { catalog, blobs, stored, lost } = manifest
  await check(path.join(folder, catalog.file), catalog, wrong)
  for (const { digest, size } of blobs)
    await check(backupBlobPath(folder, digest), { sha256: digest, size }, wrong)
  if (wrong.length === 0) {
    const there = new Set([...lost, ...[...blobs, ...stored].map(({ digest }) => digest)])
    for (const digest of releasedDigests(path.join(folder, catalog.file)))
      if (!there.has(digest)) wrong.push(`${digest} is not in the manifest`)
  }
  if (wrong.length === 0) return manifest
  const shown = wrong.slice(0, 10).map((each) => `\n  ${each}`)
  throw new ToolFailure(
    4,
    `The backup in ${folder} is damaged (${wrong.length} files); nothing was changed. Use another one.${shown.join('')}`,
  )
}

async function check(file: string, { sha256, size }: FileDigest, wrong: string[]): Promise<void> {
  try {
    const found = await hashFile(file)
    if (found.sha256 !== sha256 || found.size !== size) wrong.push(`${file} has other bytes`)
  } catch (error) {
    wrong.push(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function releasedDigests(file: string): string[] {
  const database = new Database(file, { readonly: true })
  try {
    return database.prepare<[], string>('select distinct digest from releases').pluck().all()
  } finally {
    database.close()
  }
}
