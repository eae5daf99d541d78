import type { CatalogReader } from '../catalog/catalog.ts'
import type { CurrentReleases } from './current-releases.ts'

/**
 * Takes in what others changed in the catalog: compares the revisions of all models, and reads those that differ. A sequence of changes
 * would skip those that are committed late; revisions cannot.
 *
 * @returns the models that were behind.
 * @throws what the catalog throws; what is known stays then.
 */
export async function catchUpWithCatalog(
  catalog: CatalogReader,
  current: CurrentReleases,
): Promise<string[]> {
  const behind = (await catalog.listRevisions())
    .filter(({ model, revision }) => revision > (current.revision(model) ?? 0))
    .map(({ model }) => model)
  for (const model of behind) {
    for (const state of await catalog.readCurrent(model)) current.replace(state)
  }
  return behind
}
