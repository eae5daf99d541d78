import { CHECKPOINT } from '../../../protocol/audit-chain.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import { appendChanges } from './audited-change.ts'

/** Some 400 MB. */
const MOST_KEPT = 1_000_000
/** SQLite deletes on the thread that answers polls: so many rows take it some 10 ms. */
const DROPPED_AT_ONCE = 2_000

/**
 * Drops the oldest entries of the audit, and has a new entry say so: which was the last of them, and its hash. With that the chain
 * is whole without them.
 *
 * @param before Entries from before that go, in milliseconds since 1970; and so do those beyond a million.
 * @returns whether there is more to drop.
 */
export async function shortenAudit(
  catalog: Catalog,
  before: number,
  now: number,
  mostKept = MOST_KEPT,
): Promise<boolean> {
  const { sequence: last } = await catalog.auditHead()
  const [first] = await catalog.listAudit(0, 1)
  if (first === undefined) return false
  const kept = (await catalog.firstAuditSince(before)) ?? last + 1
  const end = Math.max(kept - 1, last - mostKept)
  // The last entry stays: a chain without entries could begin anywhere.
  const upTo = Math.min(end, last - 1, first.sequence + DROPPED_AT_ONCE - 1)
  if (upTo < first.sequence) return false
  await catalog.writeShared(async (writer) => {
    const [dropped] = await writer.listAudit(upTo - 1, 1)
    if (dropped?.sequence !== upTo) return
    const after = { dropped: upTo, hash: dropped.hash }
    await appendChanges(writer, [{ action: CHECKPOINT, before: null, after }], undefined, now)
    await writer.dropAudit(upTo)
  })
  return upTo < end
}
