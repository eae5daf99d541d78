import { setTimeout as delay } from 'node:timers/promises'
import { StoreUnavailable, type ObjectStore } from '../../storage/object-store.ts'
import { LeaseObject } from './lease-object.ts'
import { decideLease, type LeaseHolder, type LeaseRecord, type LeaseState } from './lease-record.ts'
import { StorageOwnedElsewhere } from './storage-owned-elsewhere.ts'

/** Milliseconds. */
export interface LeaseTimings {
  /** For how long a lease is good after each renewal, and for how long one must stand still before another may take it. */
  duration: number
  /** Between two renewals, or two looks at somebody else's lease. */
  interval: number
  /** How long one of them is waited for; as long as the interval where absent. */
  answerTimeout?: number
}

export const standardLeaseTimings: LeaseTimings = { duration: 30_000, interval: 10_000 }

export interface LeaseOptions {
  timings?: LeaseTimings
  /** Milliseconds that only grow. */
  monotonic?: () => number
  /** Milliseconds since 1970, for {@link LeaseRecord.until}. */
  now?: () => number
  /** Told of each change of state, with the record that brought it. */
  onChange?: (state: LeaseState, record: LeaseRecord | undefined) => void
  /** Told of each attempt that failed; it is made again. */
  onFailure?: (error: unknown) => void
}

/**
 * Who owns the folder of a bucket, and may delete in it: one process at a time, also where a data directory was copied
 * (docs/adr/0010-a-lease-in-the-bucket.md).
 *
 * Clocks of machines are never compared. A holder renews the object; whoever else wants it watches until it has stood still
 * for {@link LeaseTimings.duration} by its own stopwatch, and then takes it with a conditional write. A holder counts the same
 * time from before its last renewal, so that it stops before another begins.
 */
export class BucketLease {
  readonly #object: LeaseObject
  readonly #self: LeaseHolder
  readonly #timings: LeaseTimings
  readonly #options: LeaseOptions
  readonly #monotonic: () => number
  readonly #stopping = new AbortController()
  #state: LeaseState = 'waiting'
  #epoch = 0
  #version: string | null = null
  #goodUntil = -Infinity
  #confirmedAt = -Infinity
  #seen: { version: string; since: number } | undefined
  #loop: Promise<void> = Promise.resolve()
  #underWay: Promise<void> | undefined

  constructor(store: ObjectStore, self: LeaseHolder, options: LeaseOptions = {}) {
    this.#object = new LeaseObject(store, self)
    this.#self = self
    this.#options = options
    this.#timings = options.timings ?? standardLeaseTimings
    this.#monotonic = options.monotonic ?? (() => performance.now())
  }

  get state(): LeaseState {
    return this.#state
  }

  /** Makes the first attempt, and goes on beside the caller until {@link release}. Rejects where the first attempt failed. */
  async start(): Promise<LeaseState> {
    await this.step()
    this.#loop = this.#renewUntilStopped()
    return this.#state
  }

  /** Whether the lease is good now, by what is known without asking the bucket. */
  isHeld(): boolean {
    return this.#state === 'held' && this.#monotonic() < this.#goodUntil
  }

  /** @throws StorageOwnedElsewhere where the lease is not good now. */
  requireHeld(): void {
    if (!this.isHeld()) throw new StorageOwnedElsewhere(this.#state)
  }

  /**
   * As {@link requireHeld}, after a renewal where the last one is too long ago: a bucket that was unavailable is back, or one that has
   * much to do answers at last. The condition of a renewal proves that nobody had the lease meanwhile.
   *
   * @throws StorageOwnedElsewhere, and what the store throws.
   */
  async ensureHeld(): Promise<void> {
    for (let attempts = 1; this.#state === 'held' && !this.isHeld(); attempts++) {
      try {
        await this.step()
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || attempts === RENEWALS_WAITED_FOR) throw error
      }
    }
    this.requireHeld()
  }

  /**
   * Asks the bucket whether the lease is still this process's: before anything is deleted.
   *
   * @throws StorageOwnedElsewhere where it is not, and what the store throws.
   */
  async confirm(): Promise<void> {
    await this.ensureHeld()
    if (this.#monotonic() - this.#confirmedAt < CONFIRMED_FOR) return
    const asked = this.#monotonic()
    const found = await this.#inTime((signal) => this.#object.read(signal))
    if (!this.#isOurs(found?.record)) this.#lose(found?.record)
    else this.#confirmedAt = asked
    this.requireHeld()
  }

  /** Ends renewing. The lease is good for as long as its last renewal says. */
  async endRenewing(): Promise<void> {
    this.#stopping.abort()
    // A bucket that answers nothing must not delay the end of the server.
    await Promise.race([this.#loop, delay(SHUTDOWN_TIMEOUT, undefined, { ref: false })])
  }

  /**
   * Gives the lease up, so that the next process need not wait.
   *
   * @param isUnused Where several share it: whether none of them runs, this one included; otherwise they go on with it. Each of them has
   *   ended renewing before it is taken for ended.
   */
  async release(isUnused?: () => Promise<boolean>): Promise<void> {
    await this.endRenewing()
    const held = this.#state === 'held'
    if (this.#state !== 'foreign') this.#change('released', undefined)
    if (!held || this.#version === null) return
    await this.#giveUp(this.#version, isUnused).catch((error: unknown) => {
      this.#options.onFailure?.(error)
    })
  }

  async #giveUp(version: string, isUnused: (() => Promise<boolean>) | undefined): Promise<void> {
    const signal = AbortSignal.timeout(SHUTDOWN_TIMEOUT)
    if (this.#self.isShared !== true) {
      await this.#object.giveUp(this.#record(this.#epoch), version, signal)
    } else if (isUnused !== undefined) await this.#object.giveUpShared(isUnused, signal)
  }

  /** Gives the lease up before anything was done with it: a folder that nobody owned before is nobody's again. */
  async abandon(): Promise<void> {
    if (!this.isHeld() || this.#epoch !== 1 || this.#self.isShared === true) {
      await this.release()
      return
    }
    await this.endRenewing()
    this.#change('released', undefined)
    // While the lease is good nobody else takes it, so that this removes no lease of another.
    const deleting = this.#object.delete().catch((error: unknown) => {
      this.#options.onFailure?.(error)
    })
    await Promise.race([deleting, delay(SHUTDOWN_TIMEOUT, undefined, { ref: false })])
  }

  /** One attempt: a renewal, or a look at the lease that may end in taking it. */
  async step(): Promise<void> {
    this.#underWay ??= this.#attempt().finally(() => (this.#underWay = undefined))
    await this.#underWay
  }

  async #attempt(): Promise<void> {
    const begun = performance.now()
    const { signal } = this.#stopping
    while ((await this.#inTime((inTime) => this.#renewOrTake(inTime))) === 'absent') {
      if (performance.now() - begun > READ_AGAIN_FOR) return
      await delay(READ_AGAIN_AFTER, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
    }
  }

  async #renewOrTake(signal: AbortSignal): Promise<'absent' | undefined> {
    if (this.#state === 'held') return await this.#write(this.#epoch, this.#version, signal)
    return await this.#tryToTake(signal)
  }

  /** @throws StoreUnavailable where the bucket did not answer in time. */
  async #inTime<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const { interval, answerTimeout = interval } = this.#timings
    const signal = AbortSignal.timeout(answerTimeout)
    try {
      return await work(signal)
    } catch (error) {
      if (!signal.aborted) throw error
      throw new StoreUnavailable(`the bucket did not answer within ${answerTimeout} ms`, { cause: error })
    }
  }

  async #renewUntilStopped(): Promise<void> {
    const { signal } = this.#stopping
    let begun = performance.now()
    while (!signal.aborted && this.#state !== 'lost' && this.#state !== 'foreign') {
      // An attempt that took all of its time is followed by the next at once: a lease lasts for three.
      const pause = this.#timings.interval - Math.min(performance.now() - begun, this.#timings.interval)
      await delay(pause, undefined, { signal, ref: false }).catch(() => undefined)
      if (isAborted(signal)) return
      begun = performance.now()
      try {
        await this.step()
      } catch (error) {
        this.#options.onFailure?.(error)
      }
    }
  }

  async #tryToTake(signal: AbortSignal): Promise<'absent' | undefined> {
    const found = await this.#object.read(signal)
    const now = this.#monotonic()
    if (found !== undefined && this.#seen?.version !== found.version) {
      // The second version that is seen was written by somebody who is alive.
      if (this.#seen !== undefined && !found.record.released) this.#change('elsewhere', found.record)
      this.#seen = { version: found.version, since: now }
    }
    const unchangedFor = this.#seen === undefined ? 0 : now - this.#seen.since
    const decision = decideLease(found?.record, this.#self, unchangedFor, this.#timings.duration)
    if (decision.kind === 'take') return await this.#write(decision.epoch, found?.version ?? null, signal)
    if (decision.kind === 'foreign') this.#change('foreign', found?.record)
    return undefined
  }

  /** @returns `absent` where a store refused to make the object, and has none: who makes it at this moment is seen by another look. */
  async #write(epoch: number, expected: string | null, signal: AbortSignal): Promise<'absent' | undefined> {
    const begun = this.#monotonic()
    const record = this.#record(epoch)
    const written = await this.#object.write(record, expected, signal)
    if ('found' in written) {
      if (this.#state === 'held') this.#lose(written.found)
      else if (written.found === undefined) return 'absent'
      return undefined
    }
    if (this.#state === 'released') return undefined
    this.#version = written.version
    this.#epoch = written.epoch
    this.#goodUntil = begun + this.#timings.duration
    this.#confirmedAt = begun
    this.#change('held', record)
    return undefined
  }

  #isOurs(record: LeaseRecord | undefined): boolean {
    return (
      record?.holder === this.#self.holder && (this.#self.isShared === true || record.epoch === this.#epoch)
    )
  }

  #lose(record: LeaseRecord | undefined): void {
    this.#goodUntil = -Infinity
    this.#change('lost', record)
  }

  #change(state: LeaseState, record: LeaseRecord | undefined): void {
    if (state === this.#state) return
    this.#state = state
    this.#options.onChange?.(state, record)
  }

  #record(epoch: number): LeaseRecord {
    const until = new Date((this.#options.now ?? Date.now)() + this.#timings.duration).toISOString()
    const { server, holder, place, host } = this.#self
    return { format: 2, server, holder, place, host, epoch, until, released: false }
  }
}

/** Attempts that somebody waits for who wants to store something: one may have been under way for some time. */
const RENEWALS_WAITED_FOR = 3

/** Milliseconds until a lease that somebody makes at this moment is looked for again. */
const READ_AGAIN_AFTER = 100

/** Milliseconds for which it is; a bucket that goes on refusing without showing one is then asked at each interval. */
const READ_AGAIN_FOR = 1000

/** Milliseconds for which an answer of the bucket serves the next deletions too. */
const CONFIRMED_FOR = 1000

/** Milliseconds that a stopping server waits for the bucket. */
const SHUTDOWN_TIMEOUT = 2000

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}
