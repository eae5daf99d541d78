import type { Catalog, CatalogWriter } from '../catalog/catalog.ts'
import type { CurrentReleases } from './current-releases.ts'

export interface ChangeDependencies {
  catalog: Catalog
  current: CurrentReleases
}

/**
 * Makes one atomic change to a model, and lets polls see it once it is durable.
 *
 * @throws whatever `work` or the catalog throws; polls see nothing then.
 */
export async function changeModel<Result>(
  { catalog, current }: ChangeDependencies,
  model: string,
  work: (catalog: CatalogWriter) => Promise<Result>,
): Promise<Result> {
  const { result, snapshot } = await catalog.write(model, async (writer) => {
    const result = await work(writer)
    return { result, snapshot: await writer.readCurrent(model) }
  })
  for (const state of snapshot) current.replace(state)
  return result
}
