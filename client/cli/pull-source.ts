import { diskSource } from '../sources/disk-source.ts'
import type { ChosenSource } from './chosen-source.ts'
import { serverSource } from '../sources/server-source.ts'
import type { Source } from '../sources/source.ts'
import { credentialsFor, serverAddress } from './server-address.ts'
import { usageError } from './usage-error.ts'

/** The part of the command line that names a source. */
export interface SourceOptions {
  endpoints?: string
  /** `true` where `--model` stands without a value. */
  model?: string | true
  remoteStorage?: string
}

/** Rasa's own default folder (`rasa run` without `--model`). */
const MODELS = 'models'

/**
 * Makes the source that a command line names.
 *
 * @throws PullFailure `configuration` where it names none, or two.
 */
export async function chooseSource(
  address: string | undefined,
  options: SourceOptions,
  environment: NodeJS.ProcessEnv,
): Promise<ChosenSource> {
  const { endpoints, model, remoteStorage } = options
  const named = [address, endpoints, remoteStorage ?? model].filter((each) => each !== undefined)
  if (named.length === 0) {
    throw usageError(
      'no source: name a URL, --endpoints FILE, --model [PATH], or --remote-storage STORAGE --model NAME',
    )
  }
  if (named.length > 1)
    throw usageError('more than one source: name only one of URL, --endpoints, --model and --remote-storage')
  if (address !== undefined) return { source: urlSource(address, environment), warnings: [] }
  if (endpoints !== undefined)
    return (await import('./endpoints-source.ts')).endpointsSource(endpoints, environment)
  if (remoteStorage !== undefined) {
    const { storageSource } = await import('./storage-source.ts')
    return { source: await storageSource(remoteStorage, model, environment), warnings: [] }
  }
  return { source: diskSource(model === true || model === undefined ? MODELS : model), warnings: [] }
}

function urlSource(address: string, environment: NodeJS.ProcessEnv): Source {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    throw usageError(
      `"${address}" is no http:// or https:// address. For a file or folder, write --model ${address}`,
    )
  }
  const url = new URL(address)
  return serverSource({ url, headers: credentialsFor(url, serverAddress(environment)) })
}
