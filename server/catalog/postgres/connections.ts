import { Kysely } from 'kysely'
import type { Pool } from 'pg'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import type { Connector } from './open-pool.ts'
import { postgresDialect } from './postgres-dialect.ts'
import type { PostgresLimits } from './postgres-settings.ts'

/** The pools of one catalog, closed together. */
export class Connections {
  readonly #connector: Connector
  readonly #limits: PostgresLimits
  readonly #pools: Pool[] = []

  constructor(connector: Connector, limits: PostgresLimits) {
    this.#connector = connector
    this.#limits = limits
  }

  /** @param most Connections that may be open at once; they are opened when they are needed. */
  open(most: number): Kysely<CatalogTables> {
    const pool = this.#connector.pool(most)
    // A connection that breaks while nobody uses it is replaced when somebody does; one in use has its statement fail.
    pool.on('error', () => undefined)
    pool.on('connect', (client) => client.on('error', () => undefined))
    this.#pools.push(pool)
    return new Kysely<CatalogTables>({ dialect: postgresDialect(pool, this.#limits) })
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.splice(0).map((pool) => pool.end()))
  }
}
