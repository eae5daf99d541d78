import pg from 'pg'
import { administer, databaseUrl } from '../../support/services/shared-postgres.ts'

/**
 * A database of a real Postgres whose clock shows virtual time. `search_path` puts a `clock_timestamp()` of its own before Postgres'
 * own, so that every statement of the server reads that one: leases end, and servers agree on the time, as the test says.
 */
export class SimulatedDatabase {
  readonly url: string
  readonly #server: string
  readonly #name: string
  readonly #client: pg.Client
  #now = 0
  #asking: Promise<unknown> = Promise.resolve()

  private constructor(server: string, name: string, client: pg.Client) {
    this.#server = server
    this.#name = name
    this.#client = client
    this.url = urlOf(server, name)
  }

  /** An empty one. @param server The address of a Postgres, as who may make databases there. */
  static async create(server: string, name: string): Promise<SimulatedDatabase> {
    await administer(server, `create database ${name}`)
    // What setval() changes is seen at once, also by transactions that have begun.
    await administer(
      urlOf(server, name),
      `create sequence simulated_clock;
      create function public.clock_timestamp() returns timestamptz language sql volatile
        as 'select to_timestamp(last_value / 1000.0) from public.simulated_clock'`,
    )
    return SimulatedDatabase.#open(server, name)
  }

  /** Makes another one like this, to which nobody is connected then. */
  async copy(name: string): Promise<SimulatedDatabase> {
    await administer(this.#server, `create database ${name} template ${this.#name} strategy file_copy`)
    return SimulatedDatabase.#open(this.#server, name)
  }

  static async #open(server: string, name: string): Promise<SimulatedDatabase> {
    const client = new pg.Client({ connectionString: urlOf(server, name) })
    client.on('error', () => undefined)
    await client.connect()
    return new SimulatedDatabase(server, name, client)
  }

  /** @param now Milliseconds since 1970. */
  async setTime(now: number): Promise<void> {
    const rounded = Math.floor(now)
    if (rounded !== this.#now) {
      this.#now = rounded
      void this.#query(`select setval('simulated_clock', ${rounded})`)
    }
    // Who asks meanwhile must not read the time before, either.
    await this.#asking
  }

  /** Whether the rows say that a process is being sent something, or loads it. */
  async isOffered(process: string): Promise<boolean> {
    const question = 'select from processes where process = $1 and offered_digest is not null'
    return (await this.#query(question, [process])).rowCount === 1
  }

  /** Lets go of it: it may be copied now. */
  async leave(): Promise<void> {
    await this.#client.end()
  }

  async drop(): Promise<void> {
    await this.leave()
    await administer(this.#server, `drop database if exists ${this.#name} with (force)`)
  }

  /** One question after the other: it is one connection. */
  #query(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult> {
    const ask = () => this.#client.query(text, [...values])
    const asked = this.#asking.then(ask, ask)
    this.#asking = asked
    return asked
  }
}

function urlOf(server: string, name: string): string {
  const url = new URL(databaseUrl(server, name))
  url.searchParams.set('options', '-c search_path=public,pg_catalog')
  return url.href
}
