import type { Action } from '../actions/action.ts'

/** Something that needs a hand: what is the matter in one sentence, and what helps. */
export interface Attention {
  /** The same for the same matter, so that a page keeps its place. */
  readonly key: string
  /** `now`: users feel it, or soon will. `soon`: somebody should look at it in the daytime. */
  readonly urgency: 'now' | 'soon'
  readonly sentence: string
  /** The evidence, or what to do, where the sentence does not say all. */
  readonly detail: string | null
  readonly actions: readonly Action[]
  readonly links: readonly Link[]
  /** A command for a terminal, where no button can help. */
  readonly command: string | null
}

export interface Link {
  readonly label: string
  /** Below the server's root. */
  readonly href: string
}
