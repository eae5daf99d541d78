import type { ModelServer } from '../endpoints/model-server.ts'
import { readEndpoints } from '../endpoints/read-endpoints.ts'
import { readStart } from '../install/read-start.ts'
import { usageError } from './usage-error.ts'

/** No endpoints.yml is longer. */
const LONGEST = 1024 * 1024

/**
 * The model server that an endpoints.yml names.
 *
 * @throws PullFailure with every error in it, with file and line.
 */
export async function readEndpointsFile(
  file: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ server: ModelServer; warnings: string[] }> {
  const bytes = await readStart(file, LONGEST + 1).catch((error: unknown) => {
    throw usageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  if (bytes.length > LONGEST)
    throw usageError(`${file} is longer than ${LONGEST} bytes: is it an endpoints.yml?`)
  const { server, errors, warnings } = readEndpoints(bytes.toString(), file, environment)
  if (server === undefined) throw usageError(errors.join('\n'))
  return { server, warnings }
}
