import type { Claim } from '../../protocol/claim.ts'
import type { Hint } from '../fleet/hint.ts'
import type { Source } from '../fleet/process-record.ts'
import type { ServedRelease } from '../releases/release.ts'

/** Who asks for an archive. All but the claim is worked out when it is asked for. */
export interface Poller {
  readonly claim: Claim
  /** Whether it is a poll, a GET of the whole archive; anything else says nothing of the process that it names. */
  readonly isPoll: boolean
  readonly instance: string | undefined
  /** The name of the token that came with it; undefined: none of its own. */
  readonly token: string | undefined
  /** Where it came from, its address too. */
  readonly source: Source
  /** What its `If-None-Match` betrays of the way. */
  readonly hints: readonly Hint[]
}

/** What a poller is to be answered with. */
export type PollAnswer =
  /** The release that it shall run: 200, or 304 where it has it. */
  | { kind: 'serve'; release: ServedRelease; offer?: OfferReport }
  /** It goes on running this release for now: 304. */
  | { kind: 'keep'; release: ServedRelease }
  /** It goes on running what it has, which no release is known for: 204. */
  | { kind: 'wait' }
  /** It shall ask again later: 503. */
  | { kind: 'unavailable'; reason: string }

/** Tells what becomes of an archive that is sent to a process. */
export interface OfferReport {
  /** What to wait for before the first byte: others must know of the offer. Undefined: nothing. It never rejects. */
  readonly committed: Promise<void> | undefined
  /** Every byte was handed to the kernel. */
  readonly sent: () => void
  /** The connection broke, also after {@link sent}. */
  readonly cut: () => void
  /** Not a byte could be sent, which is not the process's doing. */
  readonly withdraw: () => void
}

/** Chooses what a poller gets: the one place where rollouts decide. */
export interface AnswerPolls {
  /**
   * Answers a poll like the last one of its process, which runs what all bots of the tag are meant to run: nearly all polls are so. It
   * costs a few look-ups, and not even the question where the poll comes from.
   *
   * @param tag undefined: the model's default tag.
   * @param now Milliseconds since 1970.
   * @returns undefined where it is another one: see {@link select}. Then nothing was taken in.
   */
  answerRepeat(model: string, tag: string | undefined, poller: Poller, now: number): PollAnswer | undefined
  /**
   * Answers any other request for an archive. Parameters as for {@link answerRepeat}.
   *
   * @returns undefined where nothing is tagged so. A promise only where rows of the catalog decide; it never rejects.
   */
  select(
    model: string,
    tag: string | undefined,
    poller: Poller,
    now: number,
  ): PollAnswer | undefined | Promise<PollAnswer | undefined>
}
