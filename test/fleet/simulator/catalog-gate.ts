import type { Catalog, CatalogWriter } from '../../../server/catalog/catalog.ts'
import { DomainError } from '../../../server/errors/errors.ts'

/**
 * Stands between a server and its catalog: what the server asks goes through, fails as where the database is away or its transactions fail at
 * their end, or waits as where the server sleeps.
 */
export class CatalogGate {
  /** How many transactions that had a model to themselves were committed through it. */
  changes = 0
  #isAway = false
  #failsToCommit = false
  #writes = 0
  #waiting: PromiseWithResolvers<undefined> | undefined

  /** Has everything fail that comes from now on. */
  shut(): void {
    this.#isAway = true
    this.#wake()
  }

  /** Has every other transaction that has a model to itself do all its work, and fail then. */
  failToCommit(): void {
    this.#failsToCommit = true
  }

  /** Has everything wait that comes from now on. */
  hold(): void {
    this.#waiting ??= Promise.withResolvers()
  }

  /** Lets everything through, what waits included. */
  open(): void {
    this.#isAway = this.#failsToCommit = false
    this.#wake()
  }

  readonly wrap = (catalog: Catalog): Catalog => {
    type Ask = (...parameters: unknown[]) => Promise<unknown>
    const guard = ([name, ask]: [string, Ask]): [string, Ask] => [
      name,
      async (...parameters) => {
        await this.#waiting?.promise
        if (this.#isAway) throw unavailable()
        const isFailing = name === 'write' && this.#failsToCommit && this.#writes++ % 2 === 0
        const answer = await (isFailing ? ask(...failingAtTheEnd(parameters)) : ask(...parameters))
        if (name === 'write') this.changes++
        return answer
      },
    ]
    const asks = Object.entries(catalog).map((entry) => guard(entry as [string, Ask]))
    return { ...(Object.fromEntries(asks) as unknown as Catalog), close: () => catalog.close() }
  }

  #wake(): void {
    this.#waiting?.resolve(undefined)
    this.#waiting = undefined
  }
}

/** The parameters of a write whose work is done in vain. */
function failingAtTheEnd(parameters: readonly unknown[]): unknown[] {
  const [model, work] = parameters as Parameters<Catalog['write']>
  return [
    model,
    async (writer: CatalogWriter) => {
      await work(writer)
      throw unavailable()
    },
  ]
}

function unavailable(): DomainError {
  return new DomainError('catalog-unavailable', 'The simulated server has no database now.')
}
