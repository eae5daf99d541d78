import { aroundWrites } from '../../../server/catalog/around-writes.ts'
import type { Catalog } from '../../../server/catalog/catalog.ts'
import type { ObjectStore, StagedObject } from '../../../storage/object-store.ts'

/** At which of its steps a server is killed: before that is done, or when it is and nobody knows. */
export interface Death {
  /** From 1. */
  readonly step: number
  readonly isDone: boolean
}

/**
 * What a server does to a catalog and to stores, until it is killed at one of these steps: from then on nothing that it asks for is done, and
 * nothing is answered.
 */
export class MortalServer {
  readonly #death: Death
  #steps = 0
  #isDead = false

  constructor(death: Death) {
    this.#death = death
  }

  hasDied(): boolean {
    return this.#isDead
  }

  catalog(catalog: Catalog): Catalog {
    return this.#untilDead(aroundWrites(catalog, (run, work) => this.step(() => run(work))))
  }

  store(store: ObjectStore): ObjectStore {
    const changing: Partial<ObjectStore> = {
      delete: (key) => this.step(() => store.delete(key)),
      swap: (...args) => this.step(() => store.swap(...args)),
      stage: async () => {
        const staged = await store.stage()
        const commit: StagedObject['commit'] = (...args) => this.step(() => staged.commit(...args))
        return replacing(staged, { commit })
      },
    }
    return this.#untilDead(replacing(store, changing))
  }

  /** Does something that others see, unless it is dead by then. */
  async step<Result>(work: () => Promise<Result>): Promise<Result> {
    const step = ++this.#steps
    const isLast = step === this.#death.step
    if (isLast && !this.#death.isDone) this.#die()
    if (this.hasDied()) return NEVER
    const result = await work()
    if (isLast) this.#die()
    return this.hasDied() ? NEVER : result
  }

  #die(): void {
    this.#isDead = true
  }

  /** All whose methods answer nothing once it is dead. */
  #untilDead<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]): unknown => (this.hasDied() ? NEVER : value.apply(target, args))
      },
    })
  }
}

const NEVER = new Promise<never>(() => undefined)

/** The same object with some methods replaced. */
function replacing<Port extends object>(port: Port, methods: Partial<Port>): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const replaced: unknown = Reflect.get(methods, name)
      if (replaced !== undefined) return replaced
      const value: unknown = Reflect.get(target, name)
      // Private fields are of the object itself, not of what stands in for it.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
