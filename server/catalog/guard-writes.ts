import { aroundWrites } from './around-writes.ts'
import type { Catalog } from './catalog.ts'

/**
 * A catalog whose models change only while `requireWritable` does not throw. What belongs to no model (what polls say, damage) is
 * noted all the same: it tells nobody anything.
 *
 * @param requireWritable throws why no change may be made now.
 */
export function guardWrites(catalog: Catalog, requireWritable: () => void): Catalog {
  const guarded = aroundWrites(catalog, async (run, work) => {
    requireWritable()
    return await run(work)
  })
  return { ...guarded, writeShared: (work) => catalog.writeShared(work) }
}
