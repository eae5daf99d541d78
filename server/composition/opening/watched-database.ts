import type { SharedCatalog } from '../../catalog/postgres/postgres-catalog.ts'
import type { DomainError } from '../../errors/errors.ts'
import { sampleClock, SharedClock, type ClockSample } from '../../time/shared-clock.ts'

/** A database whose clock is followed, and which says whether the catalog takes changes. */
export class WatchedDatabase {
  readonly clock: SharedClock
  readonly #readState: SharedCatalog['readState']
  readonly #monotonic: () => number
  #refusal: DomainError | undefined
  #began: string | undefined
  /** Which one it was that answered last and was no standby. */
  #last: string | undefined
  #onOther: () => void = () => undefined

  private constructor(
    readState: SharedCatalog['readState'],
    monotonic: () => number,
    { clock, began, refusal }: Look,
  ) {
    this.#readState = readState
    this.#monotonic = monotonic
    this.clock = new SharedClock(monotonic, clock)
    this.#refusal = refusal
    this.#began = this.#last = began
  }

  /** Looks at a database for the first time. @param monotonic Milliseconds that only grow. @throws what the catalog throws. */
  static async watch(
    readState: SharedCatalog['readState'],
    monotonic: () => number,
  ): Promise<WatchedDatabase> {
    return new WatchedDatabase(readState, monotonic, await look(readState, monotonic))
  }

  /** Why the catalog takes no changes, as the database said last; undefined: it takes them. */
  get refusal(): DomainError | undefined {
    return this.#refusal
  }

  /**
   * When the program of the database began that answered last: another one may have other changes. Undefined: it is a standby, or the last
   * look failed, and who answers next may be one: what that lacks was taken for lost where somebody else asked it before the next look.
   */
  get began(): string | undefined {
    return this.#began
  }

  /** Has `listener` told where another database answers than before; the last who asks is told. It must not throw. */
  onOther(listener: () => void): void {
    this.#onOther = listener
  }

  /** Looks again. @throws what the catalog throws. */
  async look(): Promise<void> {
    try {
      const { clock, began, refusal } = await look(this.#readState, this.#monotonic)
      this.clock.learn(clock)
      this.#refusal = refusal
      this.#began = began
      const isOther = began !== undefined && began !== this.#last
      this.#last = began ?? this.#last
      if (isOther) this.#onOther()
    } catch (error) {
      this.#began = undefined
      throw error
    }
  }
}

interface Look {
  readonly clock: ClockSample
  readonly began: string | undefined
  readonly refusal: DomainError | undefined
}

async function look(readState: SharedCatalog['readState'], monotonic: () => number): Promise<Look> {
  let refusal: DomainError | undefined
  let began: string | undefined
  const clock = await sampleClock(async () => {
    const state = await readState()
    refusal = state.refusal
    began = state.began
    return state.now
  }, monotonic)
  return { clock, began, refusal }
}
