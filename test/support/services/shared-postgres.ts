import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { eventually } from '../eventually.ts'
import { endWithRun, runFolder } from '../run-folder.ts'
import { afterThisTest } from '../temporary-directory.ts'
import { postgresBinaries, startCluster } from './postgres.ts'

/**
 * The address of a Postgres that all tests of this run share: the one that TEST_DATABASE_URL names, else one that is started once
 * and ends with the run. Without either the suite is skipped and says so, but fails where CI=true.
 */
export async function sharedPostgres(context: Mocha.Context): Promise<string> {
  const given = process.env['TEST_DATABASE_URL']
  if (given !== undefined) return given
  const binaries = await postgresBinaries(context)
  const folder = path.join(runFolder(), 'postgres')
  const ready = path.join(folder, 'url')
  try {
    await mkdir(folder)
  } catch {
    // Another file of tests, in another process, starts it.
    return await eventually(
      'Postgres is started',
      () => readFile(ready, 'utf8').catch(() => undefined),
      55_000,
    )
  }
  const server = await startCluster(binaries)
  endWithRun(server.pid(), server.folder)
  await writeFile(`${ready}.new`, server.url)
  await rename(`${ready}.new`, ready)
  return server.url
}

/** Makes an empty database that goes with the current test, and gives its address. */
export async function aDatabase(server: string): Promise<string> {
  const name = `slipway_${randomBytes(6).toString('hex')}`
  await administer(server, `create database ${name}`)
  afterThisTest(() => administer(server, `drop database if exists ${name} with (force)`))
  return databaseUrl(server, name)
}

/** The address of another database of the same server. */
export function databaseUrl(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

/** Runs a statement, and gives its rows. */
export async function administer(server: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server, connectionTimeoutMillis: 20_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}
