import type { Digest } from '../releases/release.ts'
import type { Bot } from './bot.ts'
import type { FleetEvent } from './fleet-event.ts'
import { keyOf } from './key-of.ts'

/** Releases whose loads are remembered; far more than are offered at a time. */
const MOST_RELEASES = 1_000

/** The slowest load that was seen of each release, in seconds: how long a loading process is waited for depends on it. */
export class SlowestLoads {
  readonly #releases = new Map<string, number>()
  readonly #models = new Map<string, number>()

  learn(model: string, events: readonly FleetEvent[]): void {
    for (const event of events) if (event.kind === 'loaded') this.#note(model, event.digest, event.seconds)
  }

  /** Learns from what was seen before the start. */
  learnRecords({ model, processes }: Pick<Bot, 'model' | 'processes'>): void {
    for (const { digest, loadSeconds } of processes) {
      if (digest !== null && loadSeconds !== null) this.#note(model, digest, loadSeconds)
    }
  }

  /** The slowest load of that release or, without one, of any of the model; null: none was seen. */
  find(model: string, digest: Digest | undefined): number | null {
    const ofRelease = digest === undefined ? undefined : this.#releases.get(keyOf(model, digest))
    return ofRelease ?? this.#models.get(model) ?? null
  }

  #note(model: string, digest: Digest, seconds: number): void {
    const key = keyOf(model, digest)
    this.#releases.set(key, Math.max(seconds, this.#releases.get(key) ?? 0))
    this.#models.set(model, Math.max(seconds, this.#models.get(model) ?? 0))
    const [oldest] = this.#releases.keys()
    if (oldest !== undefined && this.#releases.size > MOST_RELEASES) this.#releases.delete(oldest)
  }
}
