import { repeat } from '../time/repeat.ts'
import { aroundWrites } from '../catalog/around-writes.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { HOUSEKEEPER_LEASE, LeaseTaken, type LeaseHolder } from '../catalog/leases.ts'
import type { Housekeeping, HousekeepingTerm } from '../coordination/housekeeping.ts'

/** Milliseconds. */
export interface HousekeeperTimings {
  /** For how long a term is good after each renewal. */
  readonly duration: number
  readonly renewal: number
  /** So long before its end a term is given up, where it could not be renewed. */
  readonly margin: number
}

const STANDARD: HousekeeperTimings = { duration: 15_000, renewal: 5_000, margin: 1_000 }

export interface LeaseHousekeeperDependencies {
  readonly catalog: Pick<Catalog, 'writeShared'>
  readonly self: LeaseHolder
  readonly timings?: HousekeeperTimings
  /** Milliseconds that only grow. */
  readonly monotonic?: () => number
  /** Told where a term of this server begins, and of `undefined` where it ends. */
  readonly onChange?: (epoch: number | undefined) => void
}

interface CurrentTerm {
  readonly term: HousekeepingTerm
  readonly end: AbortController
  /** When it ends unless it is renewed, by `monotonic`. */
  until: number
}

/**
 * Which of the servers over one catalog does what one does for all: a lease with an epoch, that its holder renews, and that each of its
 * writes looks at. A server that slept while another took it writes nothing of what it was about to.
 */
export class LeaseHousekeeper implements Housekeeping {
  readonly #dependencies: LeaseHousekeeperDependencies
  readonly #timings: HousekeeperTimings
  readonly #monotonic: () => number
  readonly #stopping = new AbortController()
  #current: CurrentTerm | undefined
  #timer: NodeJS.Timeout | undefined
  #renewing: Promise<void> = Promise.resolve()
  /** Until when it asks for no term, by `monotonic`. */
  #givesWayUntil = -Infinity

  constructor(dependencies: LeaseHousekeeperDependencies) {
    this.#dependencies = dependencies
    this.#timings = dependencies.timings ?? STANDARD
    this.#monotonic = dependencies.monotonic ?? (() => performance.now())
  }

  get term(): HousekeepingTerm | undefined {
    // A process that slept looks before its timers do.
    this.#endLate()
    return this.#current?.term
  }

  /** Begins to ask for a term, and to renew it. */
  start(): void {
    const schedule = { first: 0, every: this.#timings.renewal }
    // A catalog that does not answer gives no term to others either.
    this.#renewing = repeat(
      schedule,
      this.#stopping.signal,
      () => this.#renewUnlessGivingWay(),
      () => undefined,
    )
  }

  /** Asks for the term, or renews it. @throws whatever the catalog throws. */
  async renew(): Promise<undefined> {
    this.#givesWayUntil = -Infinity
    await this.#renew()
  }

  /** Ends its term, and asks for none for so many milliseconds, so that another server has one. Never rejects. */
  async giveWay(milliseconds: number): Promise<void> {
    this.#givesWayUntil = this.#monotonic() + milliseconds
    await this.#giveUp()
  }

  async #renewUnlessGivingWay(): Promise<undefined> {
    if (this.#monotonic() < this.#givesWayUntil) return
    await this.#renew()
  }

  async #renew(): Promise<void> {
    const { catalog, self } = this.#dependencies
    const { duration, margin } = this.#timings
    const begun = this.#monotonic()
    const epoch = await catalog.writeShared((writer) => writer.holdLease(HOUSEKEEPER_LEASE, self, duration))
    const until = begun + duration - margin
    const now = this.#monotonic()
    if (epoch !== undefined && now < this.#givesWayUntil) await this.#giveUp(epoch)
    else if (epoch === undefined || now >= until) this.#end()
    else this.#begin(epoch, until)
  }

  /** Gives the term up, so that another server need not wait. Never rejects. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The server stops'))
    await this.#renewing
    await this.#giveUp()
  }

  async #giveUp(epoch = this.#current?.term.epoch): Promise<void> {
    this.#end()
    if (epoch === undefined) return
    const { catalog, self } = this.#dependencies
    await catalog
      .writeShared((writer) => writer.giveUpLease(HOUSEKEEPER_LEASE, self.holder, epoch))
      .catch(() => undefined)
  }

  #begin(epoch: number, until: number): void {
    if (this.#current?.term.epoch !== epoch) {
      this.#end()
      const end = new AbortController()
      const fence = (catalog: Catalog): Catalog => this.#fence(catalog, epoch)
      this.#current = { term: { epoch, signal: end.signal, fence }, end, until }
      this.#dependencies.onChange?.(epoch)
    } else this.#current.until = until
    clearTimeout(this.#timer)
    const look = () => {
      this.#endLate()
    }
    this.#timer = setTimeout(look, until - this.#monotonic() + 1).unref()
  }

  /** A catalog each of whose writes makes sure of the term first. A term that turns out to be another's ends here, too. */
  #fence(catalog: Catalog, epoch: number): Catalog {
    const { holder } = this.#dependencies.self
    return aroundWrites(catalog, (run, work) =>
      run(async (writer) => {
        try {
          await writer.requireLease(HOUSEKEEPER_LEASE, holder, epoch)
        } catch (error) {
          if (error instanceof LeaseTaken && this.#current?.term.epoch === epoch) this.#end()
          throw error
        }
        return await work(writer)
      }),
    )
  }

  #endLate(): void {
    if (this.#current !== undefined && this.#monotonic() >= this.#current.until) this.#end()
  }

  #end(): void {
    clearTimeout(this.#timer)
    if (this.#current === undefined) return
    this.#current.end.abort(new Error('Another server may do this now'))
    this.#current = undefined
    this.#dependencies.onChange?.(undefined)
  }
}
