import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { takeBackup } from '../../server/tools/backup/take-backup.ts'
import { restoreBackup } from '../../server/tools/restore/restore-backup.ts'
import { anArchive } from '../support/archive-builder.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { publishTo, serveFolder } from './data-server.ts'

/** A data directory that is yet to be made, and the folder that it is backed up into. */
export interface BackupPlace {
  dataDir: string
  folder: string
  back: (options?: { copy?: boolean; verifyAll?: boolean }) => ReturnType<typeof takeBackup>
  restore: (options?: { dataDir?: string; replace?: boolean }) => ReturnType<typeof restoreBackup>
  /** Has a server make the data directory, with so many releases of `shop` (3). */
  aDataDirectory: (releases?: number) => Promise<void>
  /** The path of some file below a folder of the backup. */
  aFileIn: (...under: string[]) => Promise<string>
}

/** Both go with the current test. */
export async function aBackupPlace(): Promise<BackupPlace> {
  const at = await temporaryDirectory()
  const dataDir = path.join(at, 'data')
  const folder = path.join(at, 'backup')
  return {
    dataDir,
    folder,
    back: (options = {}) =>
      takeBackup({ dataDir, folder, copy: false, verifyAll: false, now: Date.now(), ...options }),
    restore: (options = {}) =>
      restoreBackup({ folder, dataDir, replace: false, now: Date.now(), ...options }),
    async aDataDirectory(releases = 3) {
      const { url, stop } = await serveFolder(dataDir)
      for (let number = 1; number <= releases; number++)
        await publishTo(url, anArchive(), 'shop', '?tag=production&notes=Gr%C3%BC%C3%9Fe')
      await stop()
    },
    async aFileIn(...under) {
      const entries = await readdir(path.join(folder, ...under), { recursive: true, withFileTypes: true })
      const file = entries.find((entry) => entry.isFile() && !entry.name.endsWith('.lock'))!
      return path.join(file.parentPath, file.name)
    },
  }
}
