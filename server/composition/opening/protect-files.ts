import { chmod, stat } from 'node:fs/promises'
import type { Config } from '../../config/config.ts'
import { makeFolder } from './make-folder.ts'

/**
 * Has everything that this process writes belong to its own user alone: catalog, archives and copies are nobody else's business,
 * whatever the umask was. The inbox, where others put archives, is made as the umask has it.
 *
 * @returns whether others are kept out of the data directory; they are not where it belongs to another user.
 * @throws ConfigError where a folder cannot be made.
 */
export async function protectFiles({
  dataDir,
  modelsDir,
}: Pick<Config, 'dataDir' | 'modelsDir'>): Promise<boolean> {
  if (modelsDir !== undefined) await makeFolder('MODELS_DIR', modelsDir)
  process.umask(0o077)
  await makeFolder('DATA_DIR', dataDir)
  // One that belongs to another user cannot be changed: mode bits say below what came of it.
  await chmod(dataDir, 0o700).catch(() => undefined)
  const { mode } = await stat(dataDir)
  return (mode & 0o007) === 0
}
