import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { copyDatabase } from '../../server/tools/backup/copy-database.ts'
import { aFullDataDirectory, contentsOf } from '../support/a-full-catalog.ts'
import { settingsOf, withPostgres } from '../support/a-postgres-catalog.ts'
import { programEnvironment } from '../support/program-environment.ts'
import { programPath } from '../support/program-path.ts'
import { skipTest } from '../support/skip-test.ts'
import { smallVolume } from '../support/small-volume.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

describe('on a disk without room for a catalog', function () {
  this.timeout(180_000)
  const postgres = withPostgres()
  let full: string
  let database: string

  const run = (tool: string, args: string[], env: Record<string, string> = {}) =>
    new Promise<{ code: number; stderr: string }>((resolve) => {
      const options = { env: { ...programEnvironment(), ...env } }
      execFile(
        process.execPath,
        [programPath(`server/tools/${tool}.ts`), ...args],
        options,
        (error, _, stderr) => {
          resolve({ code: error === null ? 0 : Number(error.code), stderr })
        },
      )
    })

  const catalogOf = async (url: string): Promise<Record<string, string[]>> => {
    const file = path.join(await temporaryDirectory(), 'copy.sqlite')
    await copyDatabase(settingsOf(url), file)
    return contentsOf(file)
  }

  beforeEach(async function () {
    full = (await smallVolume(128)) ?? skipTest(this, 'needs the right to mount')
    database = await postgres.database()
    expect(await run('migrate', ['--from', await aFullDataDirectory(), '--to', database])).to.include({
      code: 0,
    })
  })

  it('a backup of a database says so, and leaves no part of it', async () => {
    const { code, stderr } = await run('backup', [full], {
      DATABASE_URL: database,
      DATA_DIR: await temporaryDirectory(),
    })
    expect(stderr).to.match(/^error: The disk of the catalog is full[^\n]*\n$/)
    expect(code).to.equal(3)
    expect(await readdir(full)).to.deep.equal(['backup.lock'])
  })

  it('a move out of a database says so, and leaves no part of it', async () => {
    const { code, stderr } = await run('migrate', ['--from', database, '--to', full])
    expect(stderr).to.match(/^error: The disk of the catalog is full[^\n]*\n$/)
    expect(code).to.equal(3)
    expect(await readdir(full)).to.deep.equal(['server.lock'])
  })

  it('a restore into a database says so, leaves no part of it, and the database as it was', async () => {
    const backup = await temporaryDirectory()
    const dataDir = await temporaryDirectory()
    await run('backup', [backup], { DATABASE_URL: database, DATA_DIR: dataDir })
    const before = await catalogOf(database)
    const { code, stderr } = await run('restore', [backup, '--replace'], {
      DATABASE_URL: database,
      DATA_DIR: full,
    })
    expect(stderr).to.match(/^error: The disk of the catalog is full[^\n]*\n$/)
    expect(code).to.equal(3)
    expect(await readdir(full)).to.deep.equal(['server.lock'])
    expect(await catalogOf(database)).to.deep.equal(before)
  })
})
