import { appendFile, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { pino } from 'pino'
import { openDatabase } from '../../../server/composition/opening/open-database.ts'
import { openPostgresCatalog } from '../../../server/catalog/postgres/postgres-catalog.ts'
import { rejection } from '../../contracts/catalog-support.ts'
import { settingsOf, withPostgres } from '../../support/a-postgres-catalog.ts'
import { startPostgres, type PostgresServer } from '../../support/services/postgres.ts'
import { administer } from '../../support/services/shared-postgres.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

describe('a database that a server is to start with', function () {
  this.timeout(120_000)

  const refusal = async (url: string): Promise<Error> => {
    const options = {
      dataDir: await temporaryDirectory(),
      logger: pino({ level: 'silent' }),
      storage: { name: 'a bucket', isShared: true },
      onSuperseded: () => undefined,
      onMissing: () => undefined,
    }
    return await rejection(openDatabase(settingsOf(url), options))
  }

  const at = (database: string, change: (url: URL) => void): string => {
    const url = new URL(database)
    change(url)
    return url.href
  }

  const tablesOf = async (database: string): Promise<unknown[]> =>
    (
      await administer(database, `select tablename from pg_tables where schemaname = 'public' order by 1`)
    ).map(({ tablename }) => tablename)

  describe('is refused with a sentence that says what to do, and left as it is,', () => {
    const postgres = withPostgres()

    const cases: [string, (database: string) => string, RegExp][] = [
      ['where there is none', (url) => at(url, (to) => (to.pathname = '/nowhere')), /createdb nowhere/],
      [
        'of another user',
        (url) => at(url, (to) => (to.username = 'nobody')),
        /refuses the user nobody.*check user/,
      ],
      [
        'with options that there are not',
        (url) => `${url}?options=-c%20nonsense%3D1`,
        /nonsense.*check options/,
      ],
      ['without TLS', (url) => `${url}?sslmode=require`, /speaks no TLS.*sslmode/],
      [
        'without the certificate',
        (url) => `${url}?sslmode=verify-full&sslrootcert=/nowhere`,
        /sslrootcert names a file/,
      ],
    ]
    for (const [what, change, sentence] of cases)
      it(what, async () => {
        const database = await postgres.database()
        const error = await refusal(change(database))
        expect(error.name).to.equal('ConfigError')
        expect(error.message).to.match(sentence).and.to.contain('DATABASE_URL: ')
        expect(await tablesOf(database)).to.deep.equal([])
      })

    it("that is another program's", async () => {
      const database = await postgres.database()
      await administer(database, 'create table customers (id int)')
      expect((await refusal(database)).message).to.contain('another program (customers)')
      expect(await tablesOf(database)).to.deep.equal(['customers'])
    })

    it('that a newer version wrote', async () => {
      const database = await postgres.database()
      await (await openPostgresCatalog(settingsOf(database))).close()
      await administer(database, `insert into kysely_migration values ('9999-future', '')`)
      const before = await tablesOf(database)
      const error = await refusal(database)
      expect(error.name).to.equal('ConfigError')
      expect(error.message).to.contain('written by a newer Slipway')
      expect(await tablesOf(database)).to.deep.equal(before)
      expect(await administer(database, 'select id from servers')).to.deep.equal([])
    })

    it('that is read-only', async () => {
      const database = await postgres.database()
      const name = new URL(database).pathname.slice(1)
      await administer(postgres.url(), `alter database ${name} set default_transaction_read_only = on`)
      expect((await refusal(database)).message).to.contain('read-only')
      expect(await tablesOf(database)).to.deep.equal([])
    })

    it('in which its user may make no tables', async () => {
      const database = await postgres.database()
      await administer(
        database,
        `do $$ begin create role slipway_guest login; exception when duplicate_object then null; end $$`,
      )
      await administer(database, 'revoke create on schema public from public')
      const error = await refusal(at(database, (to) => (to.username = 'slipway_guest')))
      expect(error.message).to.contain('may not make tables').and.to.contain('owner')
    })
  })

  describe('of a server of its own', () => {
    let postgres: PostgresServer

    before(async function () {
      postgres = await startPostgres(this)
      const rules = path.join(postgres.folder, 'data/pg_hba.conf')
      let text = await readFile(rules, 'utf8')
      for (const [role, method] of [
        ['carol', 'scram-sha-256'],
        ['dora', 'password'],
        ['emma', 'md5'],
      ] as const) {
        await administer(postgres.url, `create role ${role} login password 'right'`)
        text = `host all ${role} 127.0.0.1/32 ${method}\n${text}`
      }
      await administer(postgres.url, 'create role frank login connection limit 0')
      await writeFile(rules, text)
      await postgres.restart()
    })
    after(() => postgres.stop())

    for (const user of ['carol', 'dora', 'emma'])
      it(`is refused without the password that ${user} needs`, async () => {
        const error = await refusal(at(postgres.url, (to) => (to.username = user)))
        expect(error.name).to.equal('ConfigError')
        expect(error.message).to.match(
          /DATABASE_URL: postgres:.* (asks for a password, and there is none|\(empty password .*check user)/,
        )
      })

    it('is refused, as it may be later, where it takes no more connections of the user', async () => {
      const error = await refusal(at(postgres.url, (to) => (to.username = 'frank')))
      expect(error).to.include({ name: 'DomainError', code: 'catalog-unavailable' })
      expect(error.message).to.match(/takes no more connections \(.*"frank"\).*raise that limit/)
    })

    it('is refused with a wrong password, which is not shown', async () => {
      const withPassword = at(postgres.url, (to) => {
        to.username = 'carol'
        to.password = 'wrong-secret'
      })
      const error = await refusal(withPassword)
      expect(error.name).to.equal('ConfigError')
      expect(error.message).to.contain('refuses the user carol').and.not.to.contain('wrong-secret')
    })

    it('is refused where it is a standby', async () => {
      await postgres.kill()
      await appendFile(path.join(postgres.folder, 'data/standby.signal'), '')
      await postgres.start()
      const error = await refusal(postgres.url)
      expect(error.name).to.equal('ConfigError')
      expect(error.message).to.contain('standby').and.to.contain('name the primary')
    })
  })
})
