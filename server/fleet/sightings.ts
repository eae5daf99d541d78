import type { Instant } from '../time/clock.ts'
import type { Digest } from '../releases/release.ts'

/** That a process was seen running an archive. A claim by whoever polled: it protects, it never removes. */
export interface Sighting {
  readonly process: string
  readonly digest: Digest
  /** The model that it polled. */
  readonly model: string
  readonly lastSeen: Instant
}

interface Seen {
  process: string
  digest: Digest
  model: string
  /** Milliseconds since 1970. */
  at: number
}

/** Far more processes than poll one server between two flushes. */
const MOST_KEPT = 50_000

/**
 * What polls said since it was last written down. Noting costs a poll one map write; what does not fit any more,
 * which only forged claims bring about, is dropped and counted.
 */
export class Sightings {
  readonly #most: number
  #seen = new Map<string, Seen>()
  dropped = 0

  constructor(most = MOST_KEPT) {
    this.#most = most
  }

  /** @param at Milliseconds since 1970. */
  note(model: string, process: string, digest: Digest, at: number): void {
    const key = process + digest
    const known = this.#seen.get(key)
    if (known !== undefined) {
      known.at = at
      known.model = model
    } else if (this.#seen.size < this.#most) {
      this.#seen.set(key, { process, digest, model, at })
    } else {
      this.dropped++
    }
  }

  get size(): number {
    return this.#seen.size
  }

  /** Hands over all that was noted, and forgets it. */
  take(): Sighting[] {
    const seen = this.#seen
    this.#seen = new Map()
    return [...seen.values()].map(({ at, ...sighting }) => ({
      ...sighting,
      lastSeen: new Date(at).toISOString(),
    }))
  }
}
