import { serverSource } from '../sources/server-source.ts'
import type { ChosenSource } from './chosen-source.ts'
import { readEndpointsFile } from './read-endpoints-file.ts'

/**
 * The source that an endpoints.yml names.
 *
 * @throws PullFailure with every error in it, with file and line.
 */
export async function endpointsSource(file: string, environment: NodeJS.ProcessEnv): Promise<ChosenSource> {
  const { server, warnings } = await readEndpointsFile(file, environment)
  const { url, headers, interval } = server
  return {
    source: serverSource({ url, headers }),
    interval: interval === null ? null : interval * 1000,
    warnings,
  }
}
