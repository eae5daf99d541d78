/** Where a rollout is, as the audit tells it. */
export interface RolloutPosition {
  readonly state: string
  readonly step: number
}

type SavedRollout = RolloutPosition & { readonly id: string; readonly endedAt: number | null }

/**
 * Where each rollout under way was when it was last saved: one may have 50,000 names of bots, which are not read each time. A
 * write has one of its own over that of the catalog, which learns of it when the write is durable.
 */
export class RolloutStates {
  readonly #below: RolloutStates | undefined
  /** null: there is room for it, and nothing was saved yet. Undefined: not known, as it has ended. */
  readonly #known = new Map<string, RolloutPosition | null | undefined>()

  constructor(below?: RolloutStates) {
    this.#below = below
  }

  /** Notes that room was made for one. */
  noteReserved(id: string): void {
    this.#known.set(id, null)
  }

  noteSaved({ id, state, step, endedAt }: SavedRollout): void {
    this.#known.set(id, endedAt === null ? { state, step } : undefined)
  }

  /**
   * Where one was.
   *
   * @param read Reads it from the catalog.
   * @returns null where nothing was saved yet.
   */
  async find(id: string, read: () => Promise<RolloutPosition | undefined>): Promise<RolloutPosition | null> {
    const known = this.#lookUp(id)
    if (known !== undefined) return known
    const found = await read()
    return found === undefined ? null : { state: found.state, step: found.step }
  }

  /** Has the one below learn all of this. */
  commit(): void {
    const below = this.#below
    if (below === undefined) return
    for (const [id, position] of this.#known) {
      if (position === undefined) below.#known.delete(id)
      else below.#known.set(id, position)
    }
  }

  #lookUp(id: string): RolloutPosition | null | undefined {
    if (this.#known.has(id) || this.#below === undefined) return this.#known.get(id)
    return this.#below.#lookUp(id)
  }
}
