import { DomainError } from '../errors/errors.ts'

/** How much is claimed at once for an archive whose size nobody announced. */
const STEP_BYTES = 4 * 1024 ** 2

/** Room that is set aside for one archive on its way in. */
export interface SpaceReservation {
  /**
   * Makes sure that so many bytes can be written next; claims more room where they go beyond what was claimed.
   *
   * @throws DomainError `disk-full`: nothing may be written then
   */
  require(bytes: number): Promise<void>
  /** So many bytes are on the disk now: the volume itself counts them. */
  wrote(bytes: number): void
  /** Gives back what was not used. Safe to call twice. */
  release(): void
}

/**
 * The room on the volume that archives are staged on, shared by everything that brings them in: what is promised to one
 * is not promised to another, and a part of the volume is left alone.
 */
export class VolumeSpace {
  readonly #freeBytes: () => Promise<number | undefined>
  readonly #keptBytes: number
  /** Promised, and not written yet. */
  #claimed = 0

  /**
   * @param freeBytes Reads what the volume has left; undefined where nobody knows, and everything fits.
   * @param keptBytes What is never promised: the catalog needs some to go on.
   */
  constructor(freeBytes: () => Promise<number | undefined>, keptBytes: number) {
    this.#freeBytes = freeBytes
    this.#keptBytes = keptBytes
  }

  /**
   * Sets room aside.
   *
   * @param bytes What the sender announced; 0 where it did not.
   * @throws DomainError `disk-full`
   */
  async reserve(bytes: number): Promise<SpaceReservation> {
    await this.#claim(bytes)
    let left = bytes
    const give = (count: number): void => {
      const given = Math.min(count, left)
      left -= given
      this.#claimed -= given
    }
    return {
      require: async (count) => {
        if (count <= left) return
        const more = count - left
        // A whole step spares looking at the volume for every block; near its end, each block counts.
        left += await this.#claim(more, Math.max(more, STEP_BYTES))
      },
      wrote: give,
      release: () => {
        give(left)
      },
    }
  }

  /** @returns What was claimed: `wanted` where that fits, else `needed`. */
  async #claim(needed: number, wanted = needed): Promise<number> {
    const before = this.#claimed
    const onVolume = await this.#freeBytes()
    // What was written meanwhile is no longer claimed and perhaps not missing from `onVolume` yet: it counts once more.
    // From here on nothing is waited for, or two could be promised the same room.
    const taken = this.#keptBytes + Math.max(before, this.#claimed)
    const free = onVolume === undefined ? Infinity : onVolume - taken
    if (needed > free) throw noRoom(needed, free, this.#keptBytes)
    const claimed = wanted <= free ? wanted : needed
    this.#claimed += claimed
    return claimed
  }
}

function noRoom(bytes: number, unclaimed: number, keptBytes: number): DomainError {
  const freeBytes = Math.max(unclaimed, 0)
  return new DomainError(
    'disk-full',
    `There is no room for ${bytes} bytes: ${freeBytes} can be used beside the ${keptBytes} that are kept ` +
      '(SLIPWAY_MIN_FREE_BYTES) and what other uploads need. Prune, or add disk.',
    { freeBytes, reservedBytes: keptBytes },
  )
}
