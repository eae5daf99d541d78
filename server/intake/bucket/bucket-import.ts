import { repeat } from '../../time/repeat.ts'
import type { IntakeDependencies } from '../intake-dependencies.ts'
import { IntakePass } from '../intake-pass.ts'
import { LONGEST_RETRY_MS } from '../intake-timings.ts'
import { bucketSource, type BucketFolder, type FoundObject } from './bucket-source.ts'

/** What an import needs. */
export interface ImportDependencies extends BucketFolder, IntakeDependencies {
  /** Milliseconds between looks. */
  intervalMilliseconds: number
}

/**
 * Publishes what is put into a folder of a bucket, each version of an object once, also across restarts. Buckets give no news: the
 * folder is listed again and again.
 */
export class BucketImport {
  readonly #pass: IntakePass<FoundObject>
  readonly #intervalMilliseconds: number
  readonly #stopping = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(dependencies: ImportDependencies) {
    const { intervalMilliseconds: rescanMs } = dependencies
    const timings = {
      // Objects appear whole.
      ...{ quietMs: 0, patienceMs: 0, rescanMs },
      ...{ firstRetryMs: rescanMs, longestRetryMs: Math.max(rescanMs, LONGEST_RETRY_MS) },
    }
    this.#pass = new IntakePass(bucketSource(dependencies), dependencies, timings, this.#stopping.signal)
    this.#intervalMilliseconds = rescanMs
  }

  /** Takes in what lies there, and looks again from then on. Resolves after the first look. */
  async start(): Promise<void> {
    const first = this.#pass.run()
    this.#running = this.#runAgain(first)
    await first
  }

  /** Ends it: an object that is just being taken is dropped, and found again at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The import was stopped'))
    await this.#running
  }

  async #runAgain(first: Promise<unknown>): Promise<void> {
    await first
    const every = this.#intervalMilliseconds
    const look = async (): Promise<undefined> => {
      await this.#pass.run()
    }
    await repeat({ first: every, every }, this.#stopping.signal, look, () => undefined)
  }
}
