import { CommitOutcomeUnknown } from '../../catalog/postgres/postgres-driver.ts'
import { copyTables, type CopiedRows } from '../../catalog/sql/copy-catalog.ts'
import { ToolFailure } from '../tool-failure.ts'
import type { MoveSource } from './move-source.ts'
import { noteMove, type MoveTarget } from './move-target.ts'

const CONFLICT = 10

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
  const explain = (error: unknown) => source.explain(error)
  let copied: CopiedRows
  try {
    const tables = await explained(source, () => source.begin(target.description))
    copied = await copyTables({ ...tables, explain }, target.tables, async (transaction) => {
      await noteMove(transaction, source.move)
      await explained(source, () => source.conclude())
    })
  } catch (error) {
    if (error instanceof CommitOutcomeUnknown) throw outcomeUnknown(target, error)
    await source.giveUp()
    throw notMoved(target.explain(error))
  }
  await target.finish().catch((error: unknown) => {
    throw notFinished(target, error)
  })
  await source.finish()
  return copied
}

async function explained<Result>(source: MoveSource, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw source.explain(error)
  }
}

/** What whoever ran it wants to know next; a conflict stays one however often it is run. */
function notMoved(error: unknown): unknown {
  if (!(error instanceof ToolFailure) || error.exit === CONFLICT) return error
  return new ToolFailure(error.exit, `${error.message} Nothing was moved: run the same command again.`, {
    cause: error,
  })
}

/** The disk failed in the last step, when the source had been told already. */
function notFinished({ description }: MoveTarget, cause: unknown): ToolFailure {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ToolFailure(
    3,
    `${description} did not take the catalog in the last step (${reason}). Run the same command again: until then nothing can be changed.`,
    { cause },
  )
}

function outcomeUnknown({ description }: MoveTarget, cause: Error): ToolFailure {
  return new ToolFailure(
    5,
    `${description} went away when it was told to keep the catalog: whether it did is not known. Run the same command again: until then ` +
      'nothing can be changed.',
    { cause },
  )
}
