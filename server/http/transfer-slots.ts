/** How many times the free slots one address may have. */
const TIMES_FREE = 4

/**
 * How many archives may be on their way out, or in, at once, and whose.
 *
 * An address is given one more while it has fewer than four times the slots that are free. So one address alone may take
 * four fifths of them, two take four ninths each, and however many there are, some stay free for whoever has none:
 * no client keeps the others from their archives by downloads that it does not read, or by uploads that it does not send.
 */
export class TransferSlots {
  readonly #most: number
  readonly #byAddress = new Map<string, number>()
  #taken = 0

  /** @param most How many there are. */
  constructor(most: number) {
    this.#most = most
  }

  /**
   * Takes a slot for an address.
   *
   * @param address What limits count by, see `addressGroup`.
   * @returns What gives it back, to be called once; undefined where there is none for this address now.
   */
  tryTake(address: string): (() => void) | undefined {
    const own = this.#byAddress.get(address) ?? 0
    if (own >= TIMES_FREE * (this.#most - this.#taken)) return undefined
    this.#taken++
    this.#byAddress.set(address, own + 1)
    return () => {
      this.#giveBack(address)
    }
  }

  #giveBack(address: string): void {
    this.#taken--
    const own = (this.#byAddress.get(address) ?? 1) - 1
    if (own > 0) this.#byAddress.set(address, own)
    else this.#byAddress.delete(address)
  }
}
