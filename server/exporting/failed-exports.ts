import type { Digest } from '../releases/release.ts'
import { BackOff } from '../time/back-off.ts'
import { exportKey, type WantedExport } from './wanted-exports.ts'

/** What became of the attempts to export an archive that failed, in this process. */
export interface FailedExport {
  readonly digest: Digest
  /** How often it was tried since it is due. */
  readonly attempts: number
  readonly lastError: string
}

/** Which exports failed, and when they may be tried again: what failed for one archive says nothing about the next. */
export class FailedExports {
  readonly #failures = new Map<string, FailedExport>()
  readonly #backOff: BackOff

  /** @param retries Milliseconds before the second attempt, and at most between attempts. */
  constructor({ firstMs, longestMs }: { firstMs: number; longestMs: number }) {
    this.#backOff = new BackOff(firstMs, longestMs, () => performance.now())
  }

  /** Milliseconds until the first of them may be tried again. */
  get nextInMs(): number | undefined {
    return this.#backOff.nextInMs
  }

  /** Whether it is too early to try it again. */
  isTooEarly(wanted: WantedExport): boolean {
    return this.#backOff.isTooEarly(attemptKey(wanted))
  }

  find(wanted: WantedExport): FailedExport | undefined {
    const failure = this.#failures.get(exportKey(wanted))
    return failure?.digest === wanted.digest ? failure : undefined
  }

  /** Notes that an attempt failed; returns in how many milliseconds the next one may be made. */
  note(wanted: WantedExport, error: unknown): number {
    const attempts = (this.find(wanted)?.attempts ?? 0) + 1
    const lastError = error instanceof Error ? error.message : String(error)
    this.#failures.set(exportKey(wanted), { digest: wanted.digest, attempts, lastError })
    return this.#backOff.fail(attemptKey(wanted))
  }

  forget(wanted: WantedExport): void {
    this.#failures.delete(exportKey(wanted))
    this.#backOff.forget(attemptKey(wanted))
  }
}

function attemptKey(wanted: WantedExport): string {
  return `${exportKey(wanted)} ${wanted.digest}`
}
