import { StoreUnavailable } from '../object-store.ts'

/** Milliseconds within which a store that answers again has done what still lay in its queues. */
const SETTLE = 10_000

/** More than ever fail before whoever deletes gives up. */
const MOST = 1_000

/**
 * Deletions that were given up without an answer: the store may do them later, when the same object was stored anew. Seen with
 * a store that stood still for a moment: a publish heard that its bytes are there already, and then they were gone.
 */
export class UncertainDeletions {
  readonly #settle: number
  /** By key: when the store was first heard of again, as `performance.now()` counts. */
  readonly #answeredAt = new Map<string, number | undefined>()

  constructor(settle = SETTLE) {
    this.#settle = settle
  }

  /** Takes note of a deletion of which nobody knows whether it happened, or will. */
  note(key: string): void {
    this.#answeredAt.delete(key)
    this.#answeredAt.set(key, undefined)
    const [oldest] = this.#answeredAt.keys()
    if (oldest !== undefined && this.#answeredAt.size > MOST) this.#answeredAt.delete(oldest)
  }

  /**
   * To be called before an object is stored.
   *
   * @param ask resolves where the store answers
   * @throws StoreUnavailable where a deletion of it may still come, and what `ask` throws
   */
  async requireSettled(key: string, ask: () => Promise<unknown>): Promise<void> {
    if (!this.#answeredAt.has(key)) return
    await ask()
    const now = performance.now()
    const since = this.#answeredAt.get(key) ?? now
    this.#answeredAt.set(key, since)
    if (now - since < this.#settle) {
      throw new StoreUnavailable(`a deletion of "${key}" that was not answered may still be under way`)
    }
    this.#answeredAt.delete(key)
  }
}
