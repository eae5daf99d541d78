import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CatalogReader } from './catalog.ts'
import type { ReleaseOutline } from './releases.ts'

/** SQLite answers on the thread that answers polls: thousands of rows are read a few at a time. */
const READ_AT_ONCE = 1000

/**
 * All releases of a model, newest first. One that is published meanwhile may be missing.
 *
 * @param signal Ends it between two reads, with its reason.
 */
export async function listEveryRelease(
  catalog: Pick<CatalogReader, 'listReleaseOutlines'>,
  model: string,
  signal?: AbortSignal,
): Promise<ReleaseOutline[]> {
  const releases: ReleaseOutline[] = []
  for (;;) {
    const last = releases.at(-1)?.number
    const page = await catalog.listReleaseOutlines(model, {
      limit: READ_AT_ONCE,
      ...(last === undefined ? {} : { cursor: last }),
    })
    releases.push(...page)
    if (page.length < READ_AT_ONCE) return releases
    await nextTurn()
    signal?.throwIfAborted()
  }
}
