import type { FleetTracker } from '../fleet/fleet-tracker.ts'
import type { FleetTransactions } from './fleet-transactions.ts'
import type { AnswerPolls, PollAnswer, Poller } from './poll-answer.ts'
import type { PollSelection } from './poll-selection.ts'
import { repeatOffer } from './repeat-offer.ts'

export interface SharedPollSelectionDependencies {
  readonly polls: PollSelection
  readonly transactions: FleetTransactions
  readonly tracker: FleetTracker
  /** Whether what is known may be older than what is so. */
  readonly isStale: () => boolean
  /** Told where the catalog did not take what a poll said. */
  readonly onFailure: (error: unknown) => void
}

/**
 * Says what polls are answered where several servers do. What memory knows for certain is answered from it: that a bot runs what it
 * should, or waits as it did. Everything else is decided over the rows of the catalog.
 */
export class SharedPollSelection implements AnswerPolls {
  readonly #dependencies: SharedPollSelectionDependencies

  constructor(dependencies: SharedPollSelectionDependencies) {
    this.#dependencies = dependencies
  }

  answerRepeat(model: string, tag: string | undefined, poller: Poller, now: number): PollAnswer | undefined {
    return this.#dependencies.polls.answerRepeat(model, tag, poller, now)
  }

  select(
    model: string,
    tag: string | undefined,
    poller: Poller,
    now: number,
  ): PollAnswer | undefined | Promise<PollAnswer | undefined> {
    const { isStale, onFailure, polls, transactions } = this.#dependencies
    // Read once, and now: each poll is looked at twice, and of a connection that has closed meanwhile nobody can tell the address.
    const { claim, isPoll, instance, token, source, hints } = poller
    const asking: Poller = { claim, isPoll, instance, token, source, hints }
    if (polls.isAnsweredFromMemory(model, tag, asking, now)) return polls.select(model, tag, asking, now)
    if (isStale()) return this.#withoutCatalog(model, tag, asking, now)
    const decided = transactions.run(model, { run: () => polls.select(model, tag, asking, now) })
    return decided.catch((error: unknown) => {
      onFailure(error)
      return this.#withoutCatalog(model, tag, asking, now)
    })
  }

  /** A bot that runs what it should is told so; one that runs something else keeps it; one that starts gets what is known. */
  #withoutCatalog(
    model: string,
    tag: string | undefined,
    poller: Poller,
    now: number,
  ): PollAnswer | undefined {
    const { polls } = this.#dependencies
    if (poller.claim.kind === 'running' && !polls.isInSync(model, tag, poller))
      return { kind: 'unavailable', reason: UNKNOWN }
    const answer = polls.select(model, tag, poller, now)
    if (answer?.kind === 'serve' && answer.offer !== undefined) this.#keepLater(model, poller, now)
    return answer
  }

  /** The others learn of an offer as soon as the catalog takes it: it counts for `maxUpdating`, and for what its load says of the release. */
  #keepLater(model: string, { claim, source, hints }: Poller, now: number): void {
    const { tracker, transactions } = this.#dependencies
    const process = claim.kind === 'unknown' ? undefined : claim.process
    const record = process === undefined ? undefined : tracker.memory.find(model, process)
    if (record === undefined) return
    const poll = {
      kind: 'poll',
      process: record.process,
      tag: record.tag,
      source,
      digest: null,
      hints,
    } as const
    transactions.takeInLater(model, repeatOffer(tracker, model, poll, now))
  }
}

const UNKNOWN =
  'The database does not answer, or takes no changes, and so nobody knows what this bot is to run; it goes on with what it has.'
