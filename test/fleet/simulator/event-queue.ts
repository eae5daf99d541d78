interface Event {
  at: number
  order: number
  run: () => unknown
}

/** Virtual time: what is to happen, in order. Nothing waits for a real clock. */
export class EventQueue {
  readonly #heap: Event[] = []
  #order = 0
  now: number

  constructor(start: number) {
    this.now = start
  }

  /** Has something happen so many milliseconds from now. */
  after(milliseconds: number, run: () => unknown): void {
    this.#heap.push({ at: this.now + Math.max(0, milliseconds), order: this.#order++, run })
    this.#rise(this.#heap.length - 1)
  }

  /** Lets happen what comes next, to its end. @returns false where nothing does before `until`. */
  async step(until: number): Promise<boolean> {
    const [next] = this.#heap
    if (next === undefined || next.at > until) return false
    const last = this.#heap.pop()
    if (last !== undefined && this.#heap.length > 0) {
      this.#heap[0] = last
      this.#sink()
    }
    this.now = next.at
    await next.run()
    return true
  }

  #rise(from: number): void {
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (this.#isBefore(parent, index)) return
      this.#swap(parent, index)
      index = parent
    }
  }

  #sink(): void {
    let index = 0
    for (;;) {
      const children = [2 * index + 1, 2 * index + 2].filter((child) => child < this.#heap.length)
      const least = children.reduce((best, child) => (this.#isBefore(child, best) ? child : best), index)
      if (least === index) return
      this.#swap(index, least)
      index = least
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one]!, this.#heap[other]!]
    return a.at < b.at || (a.at === b.at && a.order < b.order)
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#heap[one]!, this.#heap[other]!]
    this.#heap[one] = b
    this.#heap[other] = a
  }
}
