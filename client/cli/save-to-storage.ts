import { usageError } from './usage-error.ts'

/** Saves an archive to a cloud. */
export function saveToStorage(
  _file: string,
  _storage: string,
  _name: string | undefined,
  _environment: NodeJS.ProcessEnv,
  _signal: AbortSignal,
): Promise<{ name: string }> {
  throw usageError('--remote-storage is not built yet')
}
