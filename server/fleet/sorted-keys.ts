import { isBefore } from './code-point-order.ts'

/** A block is split in two beyond so many keys: moving them all takes about a microsecond. */
const LARGEST_BLOCK = 512

/**
 * Text keys in ascending order by code points, in blocks: adding or removing one of 100,000 touches a single block, and reading on behind
 * any key needs no look at those before.
 */
export class SortedKeys {
  /** Each in order, and each before the next; none is empty. */
  readonly #blocks: string[][] = []

  #size = 0

  get size(): number {
    return this.#size
  }

  /** Adds a key that is not there yet. */
  add(key: string): void {
    this.#size++
    const last = this.#blocks.at(-1)
    const largest = last?.at(-1)
    // A start reads bots in this order: no search, and full blocks.
    if (last === undefined || largest === undefined || isBefore(largest, key)) {
      if (last === undefined || last.length === LARGEST_BLOCK) this.#blocks.push([key])
      else last.push(key)
      return
    }
    const index = Math.max(0, this.#blockOf(key))
    const block = this.#blocks[index] ?? last
    block.splice(firstBehind(block, key), 0, key)
    if (block.length > LARGEST_BLOCK) this.#blocks.splice(index + 1, 0, block.splice(LARGEST_BLOCK / 2))
  }

  /** Removes a key; one that is not there does no harm. */
  remove(key: string): void {
    const index = this.#blockOf(key)
    const block = this.#blocks[index]
    const position = block === undefined ? -1 : firstBehind(block, key) - 1
    if (block?.[position] !== key) return
    this.#size--
    block.splice(position, 1)
    if (block.length === 0) this.#blocks.splice(index, 1)
  }

  /** The first keys behind `key`, which need not be there itself, at most `limit`. */
  after(key: string, limit: number): string[] {
    const keys: string[] = []
    let index = Math.max(0, this.#blockOf(key))
    let position = firstBehind(this.#blocks[index] ?? [], key)
    for (let block = this.#blocks[index]; block !== undefined && keys.length < limit;) {
      keys.push(...block.slice(position, position + limit - keys.length))
      block = this.#blocks[++index]
      position = 0
    }
    return keys
  }

  /** The last block whose first key is not behind `key`; -1 where there is none. */
  #blockOf(key: string): number {
    let [low, high] = [0, this.#blocks.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (!isBefore(key, this.#blocks[middle]?.[0] ?? '')) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}

/** The first keys behind `key` of lists of which each comes before the next, at most `limit`. */
export function keysAfter(lists: readonly SortedKeys[], key: string, limit: number): string[] {
  const keys: string[] = []
  for (const list of lists) {
    if (keys.length >= limit) break
    keys.push(...list.after(key, limit - keys.length))
  }
  return keys
}

/** The index of the first key behind `key`. */
function firstBehind(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (!isBefore(key, keys[middle] ?? '')) low = middle + 1
    else high = middle
  }
  return low
}
