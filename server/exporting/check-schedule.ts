import type { WantedExport } from './wanted-exports.ts'

/** Which object of the bucket is to be looked at next: all of them, one after the other, once in a while. */
export class CheckSchedule {
  readonly #everyMs: number
  readonly #monotonic: () => number
  #unchecked: WantedExport[] = []
  #nextAt = 0

  /** @param everyMs From the beginning of one look at all to that of the next. @param monotonic Milliseconds that only grow. */
  constructor(everyMs: number, monotonic: () => number = () => performance.now()) {
    this.#everyMs = everyMs
    this.#monotonic = monotonic
  }

  /** Milliseconds until all are to be looked at again. */
  get nextInMs(): number {
    return this.#nextAt - this.#monotonic()
  }

  /** The next one that was not looked at since all were due. @param list All that is to be there now. */
  next(list: () => WantedExport[]): WantedExport | undefined {
    if (this.nextInMs <= 0) {
      this.#unchecked = list()
      this.#nextAt = this.#monotonic() + this.#everyMs
    }
    return this.#unchecked.shift()
  }

  /** Leaves out what was not looked at yet, until all are due again. */
  skipRest(): void {
    this.#unchecked = []
  }

  /** Has all looked at now. */
  restart(): void {
    this.#nextAt = 0
  }
}
