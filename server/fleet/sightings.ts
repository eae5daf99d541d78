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

/** The last poll of a process, in milliseconds since 1970. */
interface Seen {
  model: string
  at: number
}

/** How much is kept between two flushes. */
export interface SightingLimits {
  /** Of one digest, and of all of them together: far more than poll one server. */
  processesOfDigest: number
  processes: number
}

const LIMITS: SightingLimits = { processesOfDigest: 1_000, processes: 50_000 }

/**
 * What polls said since it was last written down. Noting costs a poll two map look-ups.
 *
 * Claims may be invented, by anyone who may pull. So digests that no release has are not kept; and of each digest that has one, at
 * least one process is, however many were invented beside it: what protects a release from being pruned is that anybody runs it.
 */
export class Sightings {
  readonly #isReleased: (digest: Digest) => boolean
  readonly #limits: SightingLimits
  #seen = new Map<Digest, Map<string, Seen>>()
  #size = 0

  /** @param isReleased Whether any release has these bytes, or had; asked for every poll. */
  constructor(isReleased: (digest: Digest) => boolean, limits = LIMITS) {
    this.#isReleased = isReleased
    this.#limits = limits
  }

  /** @param at Milliseconds since 1970. */
  note(model: string, process: string, digest: Digest, at: number): void {
    let processes = this.#seen.get(digest)
    if (processes === undefined) {
      if (!this.#isReleased(digest)) return
      processes = new Map()
      this.#seen.set(digest, processes)
    }
    if (!processes.has(process)) {
      if (!this.#hasRoom(processes)) return
      this.#size++
    }
    processes.set(process, { model, at })
  }

  get size(): number {
    return this.#size
  }

  /** Hands over all that was noted, and forgets it. */
  take(): Sighting[] {
    const seen = this.#seen
    this.#seen = new Map()
    this.#size = 0
    return [...seen].flatMap(([digest, processes]) =>
      [...processes].map(([process, { model, at }]) => {
        return { process, digest, model, lastSeen: new Date(at).toISOString() }
      }),
    )
  }

  #hasRoom({ size }: Map<string, Seen>): boolean {
    const { processes, processesOfDigest } = this.#limits
    return size === 0 || (size < processesOfDigest && this.#size < processes)
  }
}
