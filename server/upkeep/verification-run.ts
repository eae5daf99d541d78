import type { Instant } from '../time/clock.ts'
import { instantOf, type Clock } from '../time/clock.ts'
import { DomainError } from '../errors/errors.ts'
import type { Digest } from '../releases/release.ts'
import type { VerificationSlice } from './verification-slice.ts'
import { verifyBlobs, type BlobFinding, type VerifyDependencies } from './verify-blobs.ts'

/** How far a verification that somebody asked for has come. */
export interface VerificationState {
  state: 'running' | 'done' | 'stopped'
  slice: VerificationSlice
  begunAt: Instant
  endedAt: Instant | null
  /** Hashed so far. */
  blobs: number
  bytes: number
  /** What was not sound; of very many only the first. */
  findings: { digest: Digest; outcome: BlobFinding['outcome'] }[]
}

const MOST_FINDINGS = 1000

export interface VerificationDependencies extends VerifyDependencies {
  clock: Clock
  /** Told why a verification broke off, unless it was told to stop. */
  onFailure: (error: unknown) => void
}

/** The verification that somebody asked for last; one at a time, and gone with the process. */
export class VerificationRun {
  readonly #dependencies: VerificationDependencies
  readonly #stopping = new AbortController()
  #state: VerificationState | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(dependencies: VerificationDependencies) {
    this.#dependencies = dependencies
  }

  get state(): VerificationState | undefined {
    return this.#state
  }

  /**
   * Begins one, and does not wait for it.
   *
   * @throws DomainError `verification-running`
   */
  begin(slice: VerificationSlice): VerificationState {
    if (this.#state?.state === 'running') {
      throw new DomainError(
        'verification-running',
        'A verification is under way; wait for it to end (slipway verify shows it).',
      )
    }
    const state: VerificationState = {
      state: 'running',
      slice,
      begunAt: instantOf(this.#dependencies.clock),
      endedAt: null,
      blobs: 0,
      bytes: 0,
      findings: [],
    }
    this.#state = state
    this.#running = this.#run(state)
    return state
  }

  /** Ends what is under way, and waits for that. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(state: VerificationState): Promise<void> {
    try {
      for await (const finding of verifyBlobs(this.#dependencies, state.slice, this.#stopping.signal)) {
        const { digest, size, outcome } = finding
        state.blobs++
        state.bytes += size
        if (outcome !== 'sound' && state.findings.length < MOST_FINDINGS)
          state.findings.push({ digest, outcome })
      }
      state.state = 'done'
    } catch (error) {
      // The catalog or the server went away: what was found until then stands.
      state.state = 'stopped'
      if (!this.#stopping.signal.aborted) this.#dependencies.onFailure(error)
    }
    state.endedAt = instantOf(this.#dependencies.clock)
  }
}
