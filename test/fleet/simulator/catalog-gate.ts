import type { Catalog } from '../../../server/catalog/catalog.ts'
import { DomainError } from '../../../server/errors/errors.ts'

/**
 * Stands between a server and its catalog: what the server asks goes through, fails as where the database is away, or waits as where the
 * server sleeps.
 */
export class CatalogGate {
  /** How many transactions that had a model to themselves were committed through it. */
  changes = 0
  #isAway = false
  #waiting: PromiseWithResolvers<undefined> | undefined

  /** Has everything fail that comes from now on. */
  shut(): void {
    this.#isAway = true
    this.#wake()
  }

  /** Has everything wait that comes from now on. */
  hold(): void {
    this.#waiting ??= Promise.withResolvers()
  }

  /** Lets everything through, what waits included. */
  open(): void {
    this.#isAway = false
    this.#wake()
  }

  readonly wrap = (catalog: Catalog): Catalog => {
    type Ask = (...parameters: unknown[]) => Promise<unknown>
    const guard = ([name, ask]: [string, Ask]): [string, Ask] => [
      name,
      async (...parameters) => {
        await this.#waiting?.promise
        if (this.#isAway)
          throw new DomainError('catalog-unavailable', 'The simulated server has no database now.')
        const answer = await ask(...parameters)
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
