import { realpath } from 'node:fs/promises'
import path from 'node:path'
import type { BackupManifest } from './backup-manifest.ts'
import { isFile } from './is-file.ts'
import { ToolFailure } from '../tool-failure.ts'

/** @throws ToolFailure where the backup would lie inside the data directory. */
export async function refuseInside(dataDir: string, folder: string): Promise<void> {
  const found = await realpath(dataDir).catch(() => undefined)
  // A machine that keeps nothing for a server whose catalog and archives lie elsewhere.
  if (found === undefined) return
  const relative = path.relative(found, await realpath(folder))
  if (relative === '' || !(relative.startsWith('..') || path.isAbsolute(relative)))
    throw new ToolFailure(2, 'A backup inside the data directory is lost with it; name a folder elsewhere.')
}

/**
 * What a backup does not name, it removes: never where a server keeps its archives.
 *
 * @throws ToolFailure
 */
export async function refuseDataDirectory(folder: string): Promise<void> {
  for (const name of ['catalog.sqlite', 'server.lock'])
    if (await isFile(path.join(folder, name)))
      throw new ToolFailure(2, `${folder} is the data directory of a server; name a folder for the backup.`)
}

/**
 * Overwriting the backup of another server would lose it, and mix up two when they are restored.
 *
 * @throws ToolFailure
 */
export function refuseOther(
  folder: string,
  server: string | undefined,
  before: BackupManifest | undefined,
): void {
  if (before?.server === undefined || before.server === server) return
  throw new ToolFailure(
    2,
    `${folder} holds the backup of another server (taken ${before.takenAt}); name another folder. Where that server is gone ` +
      'for good, delete the folder first.',
  )
}
