import { randomBytes } from 'node:crypto'
import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { tokenName } from '../../protocol/token.ts'
import { auditedCatalog } from '../access/audit/audited-catalog.ts'
import { createToken, type MadeToken } from '../access/create-token.ts'
import { KnownTokens } from '../access/known-tokens.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { openSharedCatalog } from '../catalog/postgres/postgres-catalog.ts'
import { DataDirectoryInUse, lockDataDirectory } from '../catalog/sqlite/data-lock.ts'
import { openSqliteCatalog } from '../catalog/sqlite/sqlite-catalog.ts'
import type { PostgresSettings } from '../catalog/postgres/postgres-settings.ts'
import { DomainError } from '../errors/errors.ts'
import { configuredDatabase, databaseFailure } from './database-failure.ts'
import { runTool } from './run-tool.ts'
import { ToolFailure } from './tool-failure.ts'

const HELP = `Usage: slipway token create [NAME] --admin [--expires TIME] [--json]

Makes a token that allows everything, in the catalog of DATA_DIR, whose server must be stopped; a new DATA_DIR gets a catalog.
Where DATABASE_URL is set it is made in that database, and its server may run. The token is printed once; only its SHA-256 is kept.

  --json  print one JSON object

Exit codes: 0 done; 2 wrong usage; 3 the disk, or the data directory is in use; 5 the database does not answer; 10 the name is in use; 1 anything else.
`

await runTool({
  help: HELP,
  options: { expires: { type: 'string' } },
  async run({ place: name = 'admin', dataDir, values, env }) {
    const read = tokenName.safeParse(name)
    if (!read.success) throw new ToolFailure(2, `"${name}": ${read.error.issues[0]?.message ?? ''}.`)
    const { expires } = values
    const lifetime = typeof expires === 'string' ? Number(expires) * 1000 : null
    const database = configuredDatabase(env)
    const isInDatabase = database !== undefined
    const { token, secret } = isInDatabase
      ? await makeInDatabase(database, name, lifetime)
      : await makeIn(dataDir, name, lifetime)
    const where = isInDatabase ? 'the database of DATABASE_URL' : dataDir
    const until = token.expiresAt === null ? null : new Date(token.expiresAt).toISOString()
    process.stderr.write(
      `${name} allows everything ${until === null ? 'until it is revoked' : `until ${until}`}, ` +
        `on the server of ${where}. Keep it: it is not shown again.\n`,
    )
    return {
      json: { name, allow: token.allow, expiresAt: until, dataDir: isInDatabase ? null : dataDir, secret },
      text: `${secret}\n`,
    }
  },
})

async function makeInDatabase(
  settings: PostgresSettings,
  name: string,
  lifetime: number | null,
): Promise<MadeToken> {
  try {
    // A server over it may run: it learns of the token within a second.
    const { catalog, readState } = await openSharedCatalog(settings)
    const readClock = async () => (await readState()).now
    return await makeAndClose(catalog, name, lifetime, readClock)
  } catch (error) {
    throw databaseFailure(settings, error)
  }
}

async function makeIn(dataDir: string, name: string, lifetime: number | null): Promise<MadeToken> {
  await mkdir(dataDir, { recursive: true })
  const lock = await lockOrRefuse(dataDir)
  try {
    await refuseLostCatalog(dataDir)
    if ((await sizeOf(dataDir, 'catalog.sqlite')) === 0) process.stderr.write(madeCatalog(dataDir))
    return await makeAndClose(await openSqliteCatalog(path.join(dataDir, 'catalog.sqlite')), name, lifetime)
  } finally {
    lock.release()
  }
}

/** @param readClock By the clock that the servers go by when it is made and when it expires; milliseconds since 1970. */
async function makeAndClose(
  catalog: Catalog,
  name: string,
  lifetime: number | null,
  readClock: () => Promise<number> = () => Promise.resolve(Date.now()),
): Promise<MadeToken> {
  try {
    const now = await readClock()
    const clock = { now: () => now }
    const knownTokens = new KnownTokens()
    const tokens = { catalog: auditedCatalog(catalog, clock), clock, knownTokens, random: randomBytes }
    const allow = [{ permission: 'admin', model: '*', tag: '*' }] as const
    return await createToken(tokens, { name, allow, lifetime, by: 'slipway' })
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'token-exists') throw error
    throw new ToolFailure(10, error.message, { cause: error })
  } finally {
    await catalog.close()
  }
}

async function lockOrRefuse(dataDir: string) {
  try {
    return await lockDataDirectory(dataDir)
  } catch (error) {
    if (!(error instanceof DataDirectoryInUse)) throw error
    throw new ToolFailure(
      3,
      `A server runs on ${dataDir}. Stop it for a moment, or have it make the token: slipway token create NAME --allow admin. ` +
        'Where it asks for tokens already, set SLIPWAY_TOKEN to one that allows admin.',
      { cause: error },
    )
  }
}

/** A new catalog in the place of a lost one would give its numbers out again, and take every archive for an orphan. */
async function refuseLostCatalog(dataDir: string): Promise<void> {
  if ((await sizeOf(dataDir, 'catalog.sqlite')) > 0 || (await sizeOf(dataDir, 'current.json')) === 0) return
  throw new ToolFailure(
    3,
    `The catalog of ${dataDir} is gone or empty, though there was one. Restore a backup first (slipway restore).`,
  )
}

/** 0 where there is no such file. */
function sizeOf(dataDir: string, name: string): Promise<number> {
  return stat(path.join(dataDir, name)).then(
    ({ size }) => size,
    () => 0,
  )
}

/** Right on a fresh machine; elsewhere somebody forgot to say where the catalog is. */
function madeCatalog(dataDir: string): string {
  return (
    `There was no catalog in ${dataDir} yet: a new one is made for this token. Has the server another DATA_DIR? Then set it, and ` +
    'make the token there.\n'
  )
}
