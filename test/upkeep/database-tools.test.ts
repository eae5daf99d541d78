import { execFile } from 'node:child_process'
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import pg from 'pg'
import { aFullDataDirectory } from '../support/a-full-catalog.ts'
import { withPostgres } from '../support/a-postgres-catalog.ts'
import { eventually } from '../support/eventually.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { programEnvironment } from '../support/program-environment.ts'
import { programPath } from '../support/program-path.ts'
import { administer } from '../support/services/shared-postgres.ts'
import { startFailure, startServer } from '../support/start-server.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

type ToolName = 'backup' | 'restore' | 'migrate' | 'create-admin-token'

describe('tools that work on a database', function () {
  this.timeout(180_000)
  const postgres = withPostgres()

  const run = (name: ToolName, args: string[], env: Record<string, string>) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const options = { env: { ...programEnvironment(), ...env } }
      const program = programPath(`server/tools/${name}.ts`)
      execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
      })
    })

  async function aFullDatabase(): Promise<string> {
    const database = await postgres.database()
    expect(await run('migrate', ['--from', await aFullDataDirectory(), '--to', database], {})).to.include({
      code: 0,
    })
    return database
  }

  it('tell a failure of the disk as one, and not as one of the database', async () => {
    const database = await aFullDatabase()
    const file = path.join(await temporaryDirectory(), 'a-file')
    await writeFile(file, '')
    const below = path.join(file, 'below')
    const env = { DATABASE_URL: database, DATA_DIR: await temporaryDirectory() }
    for (const { code, stderr } of [
      await run('backup', [below], env),
      await run('migrate', ['--from', database, '--to', below], env),
    ]) {
      expect(stderr).to.contain('ENOTDIR').and.not.to.contain('cannot be reached')
      expect(code, stderr).to.equal(3)
    }
  })

  it('say so where it is not known whether the database kept what a restore wrote, and what to do', async () => {
    const database = await aFullDatabase()
    const folder = await temporaryDirectory()
    const env = { DATABASE_URL: database, DATA_DIR: await temporaryDirectory() }
    // That some archives are missing does not matter here.
    expect(await run('backup', [folder], env)).to.include({ code: 4 })
    await administer(
      database,
      `create function wait() returns trigger language plpgsql as $$ begin
        perform pg_advisory_xact_lock(7); return null; end $$;
      create trigger wait after insert on audit_head for each statement execute function wait()`,
    )
    const wire = await startFaultProxy(Number(new URL(database).port))
    afterThisTest(() => wire.stop())
    const through = new URL(database)
    through.port = String(wire.port)
    const letGo = await holding(database)
    const restoring = run('restore', [folder, '--replace'], { ...env, DATABASE_URL: through.href })
    const waits = `select 1 from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`
    await eventually('it writes', async () => (await administer(database, waits)).length > 0, 60_000)
    wire.inject({ kind: 'lose-answer', to: 'commit' }, 1)
    await letGo()
    const { code, stderr } = await restoring
    expect(stderr).to.contain('whether it did is not known. Run the same command again, with --replace.')
    expect(code).to.equal(5)
    await administer(database, 'drop trigger wait on audit_head')
    const again = await run('restore', [folder, '--replace'], env)
    expect(again.code, again.stderr).to.equal(0)
  })

  /** Has those wait who ask for a lock of the database. @returns what lets them go on. */
  async function holding(database: string): Promise<() => Promise<void>> {
    const client = new pg.Client({ connectionString: database })
    client.on('error', () => undefined)
    await client.connect()
    afterThisTest(() => client.end())
    await client.query('select pg_advisory_lock(7)')
    return async () => {
      await client.query('select pg_advisory_unlock(7)')
    }
  }

  it('leave the tables of another program alone, also where it has one of the same name', async () => {
    const folder = await temporaryDirectory()
    const own = { DATABASE_URL: await aFullDatabase(), DATA_DIR: await temporaryDirectory() }
    expect(await run('backup', [folder], own)).to.include({ code: 4 })
    const database = await postgres.database()
    await administer(database, `create table leases (name text primary key, tenant text)`)
    const env = { DATABASE_URL: database, DATA_DIR: await temporaryDirectory() }
    for (const { code, stderr } of [
      await run('restore', [folder], env),
      await run('migrate', ['--from', await aFullDataDirectory(), '--to', database], env),
      await run('migrate', ['--from', database, '--to', await temporaryDirectory()], env),
      await run('create-admin-token', [], env),
    ]) {
      expect(stderr).to.contain('holds tables of another program (leases); create one for Slipway alone')
      expect(code).to.equal(5)
    }
    const refusal = await startFailure(
      startServer({ env: { ...env, SLIPWAY_PUBLISH_TOKEN: 'a-token-of-this-test' } }),
    )
    expect(refusal.stderr).to.contain('holds tables of another program (leases)')
    expect(refusal.outcome).to.equal(2)
    expect(await administer(database, 'select * from leases')).to.deep.equal([])
  })

  it('remove what one that was killed left on its way to a bucket', async () => {
    const env = { DATABASE_URL: await aFullDatabase(), DATA_DIR: await temporaryDirectory() }
    const spool = path.join(env.DATA_DIR, 'spool-backup')
    await mkdir(spool)
    await writeFile(path.join(spool, 'left'), '')
    const nowhere = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_DEFAULT_REGION: 'us-east-1' }
    const keys = { AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'not-a-secret-of-anybody' }
    expect(await run('backup', ['s3://models'], { ...env, ...nowhere, ...keys })).to.include({ code: 5 })
    expect(await readdir(spool)).to.deep.equal([])
  })

  it('refuse to move anything to where it is', async () => {
    const database = await aFullDatabase()
    const folder = await aFullDataDirectory()
    const link = path.join(await temporaryDirectory(), 'link')
    await symlink(folder, link)
    const env = { DATABASE_URL: database, DATA_DIR: folder }
    for (const [from, to] of [
      ['DATABASE_URL', database],
      ['DATA_DIR', folder],
      [link, 'DATA_DIR'],
      ['DATA_DIR', 'STORAGE'],
    ] as const) {
      const { code, stderr } = await run('migrate', ['--from', from, '--to', to], env)
      expect(stderr).to.contain('is both what is moved and what is to be filled: name two places')
      expect(code).to.equal(2)
    }
    expect(await readdir(folder)).not.to.include('catalog.sqlite.moved')
  })
})
