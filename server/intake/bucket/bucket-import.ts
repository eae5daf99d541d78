import { repeat } from '../../time/repeat.ts'
import type { IntakeDependencies, IntakeWrites } from '../intake-dependencies.ts'
import type { Housekeeping, HousekeepingTerm } from '../../coordination/housekeeping.ts'
import { IntakePass } from '../intake-pass.ts'
import type { IntakeTimings } from '../intake-timings.ts'
import { LONGEST_RETRY_MS } from '../intake-timings.ts'
import { bucketSource, type BucketFolder, type FoundObject } from './bucket-source.ts'

/** What an import needs. */
export interface ImportDependencies extends BucketFolder, Omit<IntakeDependencies, keyof IntakeWrites> {
  /** Milliseconds between looks. */
  intervalMilliseconds: number
  /** Of several servers, one takes in what lies there. */
  housekeeping: Housekeeping
  /** What is written in a term of the housekeeping, and rejects once another server has one. */
  writesIn: (term: HousekeepingTerm) => IntakeWrites
}

/**
 * Publishes what is put into a folder of a bucket, each version of an object once, also across restarts. Buckets give no news: the
 * folder is listed again and again.
 */
export class BucketImport {
  readonly #dependencies: ImportDependencies
  readonly #timings: IntakeTimings
  readonly #stopping = new AbortController()
  /** What takes in during a term of the housekeeping; another term begins anew, as others may have taken things in meanwhile. */
  #current: { epoch: number; pass: IntakePass<FoundObject> } | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(dependencies: ImportDependencies) {
    this.#dependencies = dependencies
    const { intervalMilliseconds: rescanMs } = dependencies
    this.#timings = {
      // Objects appear whole.
      quietMs: 0,
      incompleteGraceMs: 0,
      rescanMs,
      firstRetryMs: rescanMs,
      longestRetryMs: Math.max(rescanMs, LONGEST_RETRY_MS),
    }
  }

  /** Takes in what lies there, and looks again from then on. Resolves after the first look. */
  async start(): Promise<void> {
    const first = this.#look()
    this.#running = this.#lookAgain(first)
    await first
  }

  /** Ends it: an object that is just being taken is dropped, and found again at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The import was stopped'))
    await this.#running
  }

  async #lookAgain(first: Promise<unknown>): Promise<void> {
    await first
    const every = this.#dependencies.intervalMilliseconds
    await repeat(
      { first: every, every },
      this.#stopping.signal,
      () => this.#look(),
      () => undefined,
    )
  }

  /** Nothing where another server does it. */
  async #look(): Promise<undefined> {
    const { term } = this.#dependencies.housekeeping
    if (term === undefined) return
    if (this.#current?.epoch !== term.epoch) {
      const signal = AbortSignal.any([this.#stopping.signal, term.signal])
      const source = bucketSource(this.#dependencies)
      const dependencies = { ...this.#dependencies, ...this.#dependencies.writesIn(term) }
      const pass = new IntakePass(source, dependencies, this.#timings, signal)
      this.#current = { epoch: term.epoch, pass }
    }
    await this.#current.pass.run()
  }
}
