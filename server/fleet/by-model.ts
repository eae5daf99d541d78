/**
 * Values by model, then by name. A key put together of both and hashed anew for each poll would cost more than all the rest of it
 * (measured).
 */
export class ByModel<Value> {
  readonly #models = new Map<string, Map<string, Value>>()
  #size = 0

  /** How many values there are. */
  get size(): number {
    return this.#size
  }

  get(model: string, name: string): Value | undefined {
    return this.#models.get(model)?.get(name)
  }

  /** Puts a value in, in the place of what was there. */
  set(model: string, name: string, value: Value): void {
    let names = this.#models.get(model)
    if (names === undefined) this.#models.set(model, (names = new Map<string, Value>()))
    const before = names.size
    names.set(name, value)
    this.#size += names.size - before
  }

  /** Takes a value out, and its model with the last one. */
  delete(model: string, name: string): void {
    const names = this.#models.get(model)
    if (names?.delete(name) !== true) return
    this.#size--
    if (names.size === 0) this.#models.delete(model)
  }

  /** The models of which there is any value. */
  models(): Iterable<string> {
    return this.#models.keys()
  }

  /** The values of a model. */
  of(model: string): Iterable<Value> {
    return this.#models.get(model)?.values() ?? []
  }

  /** The values of all models. */
  *values(): Generator<Value> {
    for (const names of this.#models.values()) yield* names.values()
  }
}
