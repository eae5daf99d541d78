import { readEndpoints } from '../endpoints/read-endpoints.ts'
import { readStart } from '../install/read-start.ts'
import { serverSource } from '../sources/server-source.ts'
import type { ChosenSource } from './chosen-source.ts'
import { readEndpointsFile } from './read-endpoints-file.ts'

/**
 * The source that an endpoints.yml names.
 *
 * @throws PullFailure with every error in it, with file and line.
 */
export async function endpointsSource(file: string, environment: NodeJS.ProcessEnv): Promise<ChosenSource> {
  const bytes = await readStart(file, LONGEST + 1).catch((error: unknown) => {
    throw usageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  if (bytes.length > LONGEST)
    throw usageError(`${file} is longer than ${LONGEST} bytes: is it an endpoints.yml?`)
  const { server, errors, warnings } = readEndpoints(bytes.toString(), file, environment)
  if (server === undefined) throw usageError(errors.join('\n'))
  const { server, warnings } = await readEndpointsFile(file, environment)
  const { url, headers, interval } = server
  return {
    source: serverSource({ url, headers }),
    interval: interval === null ? null : interval * 1000,
    warnings,
  }
}
