import { usageError } from './usage-error.ts'
import type { ChosenSource } from './pull-source.ts'

/** The source that an endpoints.yml names. */
export function endpointsSource(_file: string, _environment: NodeJS.ProcessEnv): ChosenSource {
  throw usageError('--endpoints is not built yet')
}
