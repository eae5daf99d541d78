import type { Digest } from '../releases/release.ts'
import type { Hint } from './hint.ts'
import type { Source, Standing, Target } from './process-record.ts'

/**
 * What can be learned of one process. HEAD, plain digests, foreign tags, lists and requests for a part are no facts:
 * they come from somebody else, or say nothing.
 */
export type Fact = PollFact | OfferFact | AnsweredFact | SilenceFact

/** A GET of the whole archive by a process. */
export interface PollFact {
  readonly kind: 'poll'
  readonly process: string
  readonly tag: string
  readonly source: Source
  /** What it says that it runs; null for the bare name, which says that it has loaded nothing. */
  readonly digest: Digest | null
  /** What its `If-None-Match` betrays, see `readHints`. */
  readonly hints: readonly Hint[]
}

/**
 * How an offer goes on. `offer-sent`: its last byte was handed to the kernel. `offer-cut`: the connection broke or
 * was reset, which may also come after `offer-sent`. A connection that merely stays open says nothing: Rasa begins to
 * load before it closes. `offer-withdrawn`: the server could not send a byte of it, which says nothing of the process.
 */
export type OfferFact =
  | {
      readonly kind: 'offer-begun'
      readonly process: string
      readonly target: Target
      readonly stream: string
    }
  | {
      readonly kind: 'offer-sent' | 'offer-cut' | 'offer-withdrawn'
      readonly process: string
      /** The connection that it is about, as `offer-begun` named it. */
      readonly stream: string
    }

/** A poll was answered without an offer; to be told only where the standing changes. */
export interface AnsweredFact {
  readonly kind: 'answered'
  readonly process: string
  readonly standing: Standing
}

/** Time passed; to be told now and then for each process. */
export interface SilenceFact {
  readonly kind: 'silence'
  readonly process: string
  /** The slowest load of the release under offer or, without one, of the model, in seconds; null: none was seen. */
  readonly slowestLoad: number | null
  /** Since when this server hears polls: its start, or the last jump of the clock. */
  readonly listeningSince: number
}
