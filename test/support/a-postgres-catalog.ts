import type { Catalog } from '../../server/catalog/catalog.ts'
import {
  openPostgresCatalog,
  type PostgresCatalogOptions,
} from '../../server/catalog/postgres/postgres-catalog.ts'
import { readDatabaseUrl } from '../../server/config/database-config.ts'
import { afterThisTest } from './temporary-directory.ts'
import { aDatabase, administer, databaseUrl, sharedPostgres } from './services/shared-postgres.ts'

/** Opens a catalog in a database; it is closed after the current test. */
export async function openCatalogAt(url: string, options: PostgresCatalogOptions = {}): Promise<Catalog> {
  const catalog = await openPostgresCatalog(settingsOf(url), options)
  afterThisTest(() => catalog.close())
  return catalog
}

/** A DATABASE_URL that is right, as the server reads it. */
export function settingsOf(url: string) {
  const mistakes: string[] = []
  const settings = readDatabaseUrl(url, mistakes)
  if (settings === undefined) throw new Error(mistakes.join('; '))
  return settings
}

/** For the suites of one file: the server that they share, once its `before` ran, and what is in it. */
export interface PostgresUnderTest {
  url: () => string
  /** The address of an empty database of the current test's own. */
  database: () => Promise<string>
  /** An empty catalog. Two of one test must not be of the same process of tests: they share their database. */
  catalog: () => Promise<Catalog>
}

export function withPostgres(): PostgresUnderTest {
  let server = ''
  before(async function () {
    this.timeout(60_000)
    server = await sharedPostgres(this)
  })
  return {
    url: () => server,
    database: () => aDatabase(server),
    catalog: async () => {
      const database = await (shared ??= makeShared(server))
      await empty(database)
      return openCatalogAt(database)
    },
  }
}

let shared: Promise<string> | undefined

/** A database takes a second to make: one is made for each process of tests, and emptied for each test. */
async function makeShared(server: string): Promise<string> {
  const name = `slipway_shared_${process.pid}`
  await administer(server, `drop database if exists ${name} with (force)`)
  await administer(server, `create database ${name}`)
  const url = databaseUrl(server, name)
  await (await openPostgresCatalog(settingsOf(url))).close()
  // What migrations put in comes back each time.
  await administer(
    url,
    `do $$ declare name text; begin
      create schema seeds;
      for name in select tablename from pg_tables where schemaname = 'public' loop
        execute format('create table seeds.%I as table public.%I', name, name);
      end loop;
    end $$`,
  )
  return url
}

/**
 * As a new catalog is, but for who it is. Rows are deleted one by one: to truncate a table makes its files anew, and with that Postgres
 * took 12.5 s of the processors for the 158 tests of its catalog, and takes 7.8 s without.
 */
async function empty(database: string): Promise<void> {
  await administer(
    database,
    `do $$ declare name text; begin
      -- Without triggers, and so without the order that foreign keys want.
      set local session_replication_role = replica;
      for name in select tablename from pg_tables where schemaname = 'public' loop
        execute format('delete from public.%I', name);
        execute format('insert into public.%I select * from seeds.%I', name, name);
      end loop;
      perform setval(format('public.%I', sequencename)::regclass, start_value, false)
        from pg_sequences where schemaname = 'public' and last_value is not null;
      update identity set server = gen_random_uuid()::text;
    end $$`,
  )
}
