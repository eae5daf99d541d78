import { usageError } from './usage-error.ts'
import type { Source } from '../sources/source.ts'

/** The source that `--remote-storage` names. */
export function storageSource(
  _storage: string,
  _model: string | true | undefined,
  _environment: NodeJS.ProcessEnv,
): Promise<Source> {
  throw usageError('--remote-storage is not built yet')
}
