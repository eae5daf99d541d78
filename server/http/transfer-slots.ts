/** How many times the free slots one address, or one token, may have. */
const TIMES_FREE = 4

/** Who wants to send or take an archive. */
export interface Transferor {
  /** What limits count by, see `addressGroup`. */
  readonly address: string
  /** The name of a token of its own; undefined: it has none. */
  readonly token?: string | undefined
}

/**
 * How many archives may be on their way out, or in, at once, and whose.
 *
 * An address is given one more while it has fewer than four times the slots that are free. So one address alone may take
 * four fifths of them, two take four ninths each, and however many there are, some stay free for whoever has none:
 * no client keeps the others from their archives by downloads that it does not read, or by uploads that it does not send. Nor
 * does a token, from however many addresses it is used.
 */
export class TransferSlots {
  readonly #most: number
  /** By address, and by token. */
  readonly #counts = new Map<string, number>()
  #taken = 0

  /** @param most How many there are. */
  constructor(most: number) {
    this.#most = most
  }

  /** Takes a slot. @returns What gives it back, to be called once; undefined where there is none for them now. */
  tryTake({ address, token }: Transferor): (() => void) | undefined {
    const keys = [`address ${address}`, ...(token === undefined ? [] : [`token ${token}`])]
    const most = TIMES_FREE * (this.#most - this.#taken)
    if (keys.some((key) => (this.#counts.get(key) ?? 0) >= most)) return undefined
    this.#taken++
    for (const key of keys) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    return () => {
      this.#taken--
      for (const key of keys) this.#giveBack(key)
    }
  }

  #giveBack(key: string): void {
    const own = (this.#counts.get(key) ?? 1) - 1
    if (own > 0) this.#counts.set(key, own)
    else this.#counts.delete(key)
  }
}
