import { lockDataDirectory, type DataLock } from '../../catalog/sqlite/data-lock.ts'
import { ToolFailure } from '../tool-failure.ts'

/** Takes a data directory that no server runs on. @throws ToolFailure */
export async function lockForRestore(dataDir: string): Promise<DataLock> {
  try {
    return await lockDataDirectory(dataDir)
  } catch (cause) {
    throw new ToolFailure(3, cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
