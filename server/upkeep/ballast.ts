import { randomBytes } from 'node:crypto'
import { open, rename, rm, stat } from 'node:fs/promises'
import { aroundWrites } from '../catalog/around-writes.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { readableSize } from '../../protocol/readable-size.ts'
import { DomainError } from '../errors/errors.ts'

const BLOCK_BYTES = 1024 ** 2

/** Where it lies in the data directory. */
export const BALLAST_FILE = 'ballast'

/** Enough for some thousand deletions, or some hundred rollbacks, and the pages of the write-ahead log that they take; less on a small volume. */
export function ballastBytes(totalBytes: number): number {
  return Math.min(4 * BLOCK_BYTES, Math.floor(totalBytes / 32))
}

/**
 * A file that only takes room. On a volume that is full to its last byte not even a row can be deleted, and no tag can go back; giving
 * the file up makes room for the deletions that free the rest, and for rollbacks. It is taken back once there is room for it.
 */
export class Ballast {
  readonly #file: string
  readonly #bytes: number
  readonly #freeBytes: () => Promise<number>
  #taking: Promise<boolean> | undefined
  #timesGivenUp = 0
  /** Whether it is missing for want of room: it is taken back before others take what becomes free. */
  #isWanted = false
  /** Whether the last work that can wait found no room. */
  #isInVain = false

  /**
   * @param options.bytes how much room it takes
   * @param options.freeBytes reads what the volume has left
   */
  constructor(file: string, options: { bytes: number; freeBytes: () => Promise<number> }) {
    this.#file = file
    this.#bytes = options.bytes
    this.#freeBytes = options.freeBytes
  }

  /**
   * Takes the room, unless it has it or others need what is left. That is no error: it is tried again the next time.
   *
   * @returns whether it has the room now
   */
  take(): Promise<boolean> {
    this.#taking ??= this.#take().finally(() => {
      this.#taking = undefined
    })
    return this.#taking
  }

  async #take(): Promise<boolean> {
    if ((await this.#size()) === this.#bytes) return true
    const temporary = `${this.#file}.new`
    try {
      // One that was only begun when the process was killed takes room that nobody would give up.
      await rm(temporary, { force: true })
      this.#isWanted = true
      if (!(await this.#hasRoom())) return false
      await writeNoise(temporary, this.#bytes)
      await rename(temporary, this.#file)
      this.#isWanted = false
      return true
    } catch {
      await rm(temporary, { force: true }).catch(() => undefined)
      return false
    }
  }

  /**
   * Does work that cannot wait for room. Where the disk is too full even for that, it is done once more without the ballast.
   *
   * @throws whatever `work` throws, in the end
   */
  async makeWayFor<Result>(work: () => Promise<Result>): Promise<Result> {
    const givenUpBefore = this.#timesGivenUp
    try {
      return await work()
    } catch (error) {
      if (!isFull(error)) throw error
      // Two that meet the full disk at once share the room that the first of them makes.
      if ((await this.#size()) > 0) {
        this.#timesGivenUp++
        await rm(this.#file, { force: true })
      } else if (this.#timesGivenUp === givenUpBefore) throw error
      try {
        return await work()
      } finally {
        await this.take()
      }
    }
  }

  /**
   * Refuses work that can wait, as long as the ballast is missing and there is no room for it: it would use what is left for work that cannot.
   *
   * @throws DomainError `disk-full`
   */
  async requireRoom(): Promise<void> {
    if (!(await this.isMissing())) {
      if (this.#isWanted) await this.take()
      return
    }
    throw new DomainError(
      'disk-full',
      `The disk of the catalog is full, and what is left of it is kept for rollbacks, aborts, pauses and deletions. Nothing was changed; free some space, so that ${readableSize(this.neededBytes)} are left, and try again.`,
    )
  }

  /**
   * Does work that can wait, see {@link requireRoom}.
   *
   * @throws whatever `work` throws; DomainError `disk-full`
   */
  async afterOthers<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.requireRoom()
    try {
      const result = await work()
      this.#isInVain = false
      return result
    } catch (error) {
      this.#isInVain ||= isFull(error)
      throw error
    }
  }

  /** Whether what can wait has to: it is refused, or the disk had no room for it the last time. */
  async areOthersWaiting(): Promise<boolean> {
    return (this.#isInVain && !(await this.#hasRoom(this.#bytes))) || (await this.isMissing())
  }

  /** Whether there is neither the ballast nor room for it: what can wait is refused. */
  async isMissing(): Promise<boolean> {
    // While it is being written it takes the room that is looked for.
    await this.#taking
    return (await this.#size()) === 0 && !(await this.#hasRoom())
  }

  /** Bytes that must be free for it to be taken: others need what is left where it is less. */
  get neededBytes(): number {
    return 2 * this.#bytes
  }

  /** Whether it could be taken; true as well where nobody can say what is free: whoever writes is told then why that fails. */
  async #hasRoom(needed = this.neededBytes): Promise<boolean> {
    const free = await this.#freeBytes().catch(() => Infinity)
    return free >= needed
  }

  /** 0: it is not there. Another one than is wanted where the volume had another size before. */
  async #size(): Promise<number> {
    return stat(this.#file).then(
      ({ size }) => size,
      () => 0,
    )
  }
}

/** A catalog for changes that cannot wait for room, as they free some, or bring bots back: its writes may take the place of the ballast. */
export function catalogBesideBallast(catalog: Catalog, ballast: Ballast): Catalog {
  return aroundWrites(catalog, (run, work) => ballast.makeWayFor(() => run(work)))
}

/** A catalog for changes that can wait for room: none is made while the ballast is given up. */
export function catalogLeavingBallast(catalog: Catalog, ballast: Ballast): Catalog {
  return aroundWrites(catalog, (run, work) => ballast.afterOthers(() => run(work)))
}

function isFull(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'disk-full'
}

/** Noise, as some file systems store zeros in no room at all. */
async function writeNoise(file: string, bytes: number): Promise<void> {
  const handle = await open(file, 'w', 0o600)
  try {
    for (let written = 0; written < bytes; written += BLOCK_BYTES) {
      await handle.writeFile(randomBytes(Math.min(BLOCK_BYTES, bytes - written)))
    }
    // Room is promised by some file systems before it is looked for.
    await handle.sync()
  } finally {
    await handle.close()
  }
}
