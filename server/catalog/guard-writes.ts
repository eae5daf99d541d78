import type { Catalog } from './catalog.ts'

/**
 * A catalog whose models change only while `requireWritable` does not throw. What belongs to no model (what polls say, damage) is
 * noted all the same: it tells nobody anything.
 *
 * @param requireWritable throws why no change may be made now.
 */
export function guardWrites(catalog: Catalog, requireWritable: () => void): Catalog {
  const write: Catalog['write'] = async (model, work) => {
    requireWritable()
    return await catalog.write(model, work)
  }
  const writeEveryModel: Catalog['writeEveryModel'] = async (work) => {
    requireWritable()
    return await catalog.writeEveryModel(work)
  }
  return { ...catalog, write, writeEveryModel }
}
