import type { CatalogReader } from './catalog.ts'
import type { Model } from '../releases/model.ts'

/** All models, newest first. One that is created meanwhile may be missing. */
export async function listEveryModel(catalog: CatalogReader): Promise<Model[]> {
  const models: Model[] = []
  for (;;) {
    const last = models.at(-1)
    const page = await catalog.listModels({ limit: 1000, ...(last === undefined ? {} : { cursor: last }) })
    if (page.length === 0) return models
    models.push(...page)
  }
}
