import { readFile } from 'node:fs/promises'
import { readEndpoints } from '../endpoints/read-endpoints.ts'
import { serverSource } from '../sources/server-source.ts'
import type { ChosenSource } from './chosen-source.ts'
import { usageError } from './usage-error.ts'

/**
 * The source that an endpoints.yml names.
 *
 * @throws PullFailure with every error in it, with file and line.
 */
export async function endpointsSource(file: string, environment: NodeJS.ProcessEnv): Promise<ChosenSource> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw usageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  const { server, errors, warnings } = readEndpoints(text, file, environment)
  if (server === undefined) throw usageError(errors.join('\n'))
  const { url, headers, interval } = server
  return {
    source: serverSource({ url, headers }),
    interval: interval === null ? null : interval * 1000,
    warnings,
  }
}
