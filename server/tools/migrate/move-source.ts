import type { OpenTables } from '../../catalog/sql/open-tables.ts'
import { ToolFailure } from '../tool-failure.ts'

/** A catalog that is moved elsewhere. */
export interface MoveSource {
  /** For people. */
  readonly description: string
  /** Of this move; undefined where none is noted. */
  readonly move: string | undefined
  /** A move that was concluded here before, and may have been interrupted then. */
  readonly concludedBefore: string | undefined
  /** Whether a server serves pulls from it meanwhile: known once it has begun. */
  isServed(): boolean
  /** Has nothing be changed from now on. @param to For people. @returns all that it keeps. */
  begin(to: string): Promise<Pick<OpenTables, 'db' | 'readNumbering'>>
  /** Has nothing be changed any more, for good: done last before the target has it. */
  conclude(): Promise<void>
  /** Takes {@link begin} and {@link conclude} back: the target does not have it. What was concluded before stays so. */
  giveUp(): Promise<void>
  /** A failure as a tool tells it. */
  explain(error: unknown): unknown
  /** The target has it. */
  finish(): Promise<void>
  close(): Promise<void>
}

/** Two places with the same catalog would both take the archives for theirs. */
export function movedElsewhere(from: string, concludedTo: string): ToolFailure {
  return new ToolFailure(
    10,
    `The catalog of ${from} was moved to ${concludedTo} already. Where that was interrupted, move it there again; to have it elsewhere, move ` +
      `it from there. Is that lost? Then back up what was moved (slipway backup), restore that into an empty place, and move it from there.`,
  )
}
