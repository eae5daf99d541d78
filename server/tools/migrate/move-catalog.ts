import { CommitOutcomeUnknown } from '../../catalog/postgres/postgres-driver.ts'
import { copyTables, type CopiedRows } from '../../catalog/sql/copy-catalog.ts'
import { ToolFailure } from '../tool-failure.ts'
import type { MoveSource } from './move-source.ts'
import { noteMove, type MoveTarget } from './move-target.ts'

/**
 * Moves a catalog. At no moment do both take changes: the source is concluded before the target has all of it. Whatever interrupts
 * this, the same move can be done again.
 *
 * @returns undefined where a move that was interrupted had brought all of it.
 * @throws ToolFailure
 */
export async function moveCatalog(source: MoveSource, target: MoveTarget): Promise<CopiedRows | undefined> {
  if (target.isFilled) {
    await source.finish()
    return undefined
  }
  const tables = await source.begin(target.description)
  let copied: CopiedRows
  try {
    copied = await copyTables(tables, target.tables, async (transaction) => {
      await noteMove(transaction, source.move)
      await tables.requireAlone(tables.db)
      await source.conclude()
    })
  } catch (error) {
    if (error instanceof CommitOutcomeUnknown) throw outcomeUnknown(target, error)
    await source.giveUp()
    throw notMoved(target.explain(source.explain(error)))
  }
  await target.finish()
  await source.finish()
  return copied
}

/** What whoever ran it wants to know next. */
function notMoved(error: unknown): unknown {
  if (!(error instanceof ToolFailure)) return error
  return new ToolFailure(error.exit, `${error.message} Nothing was moved: run the same command again.`, {
    cause: error,
  })
}

function outcomeUnknown({ description }: MoveTarget, cause: Error): ToolFailure {
  return new ToolFailure(
    5,
    `${description} went away when it was told to keep the catalog: whether it did is not known. Run the same command again: until then ` +
      'nothing can be changed.',
    { cause },
  )
}
