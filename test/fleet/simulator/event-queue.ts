interface Event {
  at: number
  order: number
  run: () => unknown
}

/** Virtual time: what is to happen, in order. Nothing waits for a real clock. */
export class EventQueue {
  readonly #heap: Event[] = []
  #order = 0
  readonly #togetherMs: number
  now: number

  /** @param togetherMs What is to happen within so many milliseconds happens at once, late. */
  constructor(start: number, togetherMs = 0) {
    this.now = start
    this.#togetherMs = togetherMs
  }

  /** Has something happen so many milliseconds from now. */
  after(milliseconds: number, run: () => unknown): void {
    this.#heap.push({ at: this.now + Math.max(0, milliseconds), order: this.#order++, run })
    this.#rise(this.#heap.length - 1)
  }

  /** Lets happen what comes next, to its end. @returns false where nothing does before `until`. */
  async step(until: number): Promise<boolean> {
    const first = this.#take(until)
    if (first === undefined) return false
    const together = [first]
    const end = Math.min(until, first.at + this.#togetherMs)
    if (this.#togetherMs > 0) {
      for (let next = this.#take(end); next !== undefined; next = this.#take(end)) together.push(next)
    }
    this.now = together.at(-1)?.at ?? this.now
    await Promise.all(together.map(({ run }) => run()))
    return true
  }

  /** What comes next, where that is to happen before `until`; it is taken out. */
  #take(until: number): Event | undefined {
    const [next] = this.#heap
    if (next === undefined || next.at > until) return undefined
    const last = this.#heap.pop()
    if (last !== undefined && this.#heap.length > 0) {
      this.#heap[0] = last
      this.#sink()
    }
    return next
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
