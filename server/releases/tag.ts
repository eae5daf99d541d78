import type { Instant } from '../time/clock.ts'
import type { Digest } from './release.ts'

/** The tag that moves by itself with each publish. */
export const LATEST = 'latest'

/** A mutable pointer of a model to one of its releases. */
export interface Tag {
  readonly model: string
  readonly tag: string
  readonly release: number
  readonly digest: Digest
  readonly movedAt: Instant
  readonly movedBy: string
  readonly reason: string | null
  /** The move that brought it here, see {@link TagMove.sequence}. */
  readonly sequence: number
}

/** One move of a tag: what its history consists of. */
export interface TagMove {
  /** Grows with every move in the catalog: the order of moves, whatever clocks say. */
  readonly sequence: number
  readonly model: string
  readonly tag: string
  /** The release it pointed at before; null: it did not exist. */
  readonly from: number | null
  /** The release it has pointed at since; null: it was deleted. */
  readonly to: number | null
  readonly movedAt: Instant
  readonly movedBy: string
  readonly reason: string | null
}

/** Where one move of a tag led. */
export interface TagTarget {
  /** @see TagMove.sequence */
  readonly sequence: number
  /** null: the tag was deleted. */
  readonly release: number | null
  /** Whether that release can still be pointed at. */
  readonly exists: boolean
}

/** Who moves a tag, when and why. */
export interface MoveCircumstances {
  movedAt: Instant
  movedBy: string
  reason: string | null
}
