import { customSource, loadCustomStorage } from '../sources/custom-storage.ts'
import { objectChoice } from '../sources/object-choice.ts'
import type { Source } from '../sources/source.ts'
import { storeSource } from '../sources/store-source.ts'
import { openCloud, storageKind } from './open-cloud.ts'
import { usageError } from './usage-error.ts'

/**
 * The source that `--remote-storage STORAGE --model NAME` names.
 *
 * @throws PullFailure
 */
export async function storageSource(
  storage: string,
  model: string | true | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<Source> {
  const kind = storageKind(storage)
  if (model === undefined) {
    throw usageError(
      '--remote-storage needs --model NAME: an archive there, FOLDER/ for its newest, or --model alone for the newest of all',
    )
  }
  if ('cloud' in kind) {
    const { store, hasFolder } = await openCloud(kind.cloud, environment)
    return storeSource(store, objectChoice(model, hasFolder))
  }
  if (model === true) throw usageError('a custom storage needs a name: --model NAME')
  return customSource(await loadCustomStorage(kind.module, process.cwd()), model, kind.module)
}
