import { expect } from 'chai'
import pg from 'pg'
import type { Catalog } from '../../server/catalog/catalog.ts'
import type { HeardLook } from '../../server/catalog/fleet.ts'
import { processAfter, poll, processName, OLD, START } from '../fleet/facts.ts'
import { openCatalogAt, withPostgres } from '../support/a-postgres-catalog.ts'
import { eventually } from '../support/eventually.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

describe('when processes were heard, as servers over Postgres read it from each other,', function () {
  this.timeout(60_000)
  const postgres = withPostgres()
  let database: string
  let catalog: Catalog

  beforeEach(async () => {
    database = await postgres.database()
    catalog = await openCatalogAt(database)
    const processes = Array.from('abc', (letter) => {
      const { process } = processAfter([0, poll(OLD)])
      return { model: 'shop', bot: 'pod-1', record: { ...process, process: processName(letter) } }
    })
    await catalog.writeShared((writer) => writer.saveProcesses(processes))
  })

  const hear = (letters: string, seconds: number) =>
    catalog.writeShared((writer) =>
      writer.noteLastSeen(
        Array.from(letters, (letter) => ({
          model: 'shop',
          process: processName(letter),
          lastSeen: START + seconds,
        })),
      ),
    )
  const look = async (more: Partial<HeardLook> = {}) => {
    const { heard, mark } = await catalog.listHeard({ since: START, ...more })
    return { mark, names: heard.map(({ process }) => process).sort() }
  }
  /** Whatever transaction of the same Postgres has not ended holds marks back: it may be one of another test. */
  const markBehindAll = () =>
    eventually('a mark is behind all that was written', async () => {
      const { mark } = await look()
      return (await look({ after: mark })).names.length === 0 ? mark : undefined
    })
  const names = (letters: string) => Array.from(letters, processName)

  it('is all that there is at the first look, and then what was written since', async () => {
    expect((await look()).names).to.deep.equal(names('abc'))
    const mark = await markBehindAll()
    await hear('b', 5)
    const second = await look({ after: mark })
    expect(second.names).to.deep.equal(names('b'))
    expect((await look({ after: await markBehindAll() })).names).to.deep.equal([])
  })

  it('is left out where a transaction wrote it that is to be left out', async () => {
    const mark = await markBehindAll()
    const own = await hear('ab', 5)
    await hear('bc', 7)
    expect((await look({ after: mark, except: [own!] })).names).to.deep.equal(names('bc'))
  })

  it('is not lost where it was written before a look, and committed after it', async () => {
    const before = await markBehindAll()
    const slow = await aClient(database)
    await slow.query('begin')
    // As a server of an earlier version does, and a slow one.
    await slow.query(`update processes set last_seen = ${START + 5} where process = '${processName('a')}'`)
    await hear('b', 6)
    const during = await look({ after: before })
    expect(during.names).to.deep.equal(names('b'))
    await slow.query('commit')
    expect((await look({ after: during.mark })).names).to.include(processName('a'))
  })

  it('is all that there is where the database has numbered fewer transactions than before', async () => {
    const { mark } = await look()
    const own = await hear('a', 5)
    const after = { ...mark!, transaction: mark!.transaction + 1_000_000n }
    expect((await look({ after, except: [own!] })).names).to.deep.equal(names('abc'))
  })
})

describe('when processes were heard, as a server reads it that was failed over from one database to another,', function () {
  this.timeout(60_000)

  it('is all that there is, as the other may have given numbers again that the first had given', async function () {
    const postgres = await startPostgres(this)
    afterThisTest(() => postgres.stop())
    const catalog = await openCatalogAt(postgres.url)
    const { process } = processAfter([0, poll(OLD)])
    await catalog.writeShared((writer) =>
      writer.saveProcesses([{ model: 'shop', bot: 'pod-1', record: process }]),
    )
    const { mark } = await catalog.listHeard({ since: START })
    expect((await catalog.listHeard({ since: START, after: mark })).heard).to.have.length(0)
    // The other one is a program of its own, too.
    await postgres.restart()
    const { heard } = await eventually('it reads again', () =>
      catalog.listHeard({ since: START, after: mark }).catch(() => false as const),
    )
    expect(heard).to.have.length(1)
  })
})

async function aClient(database: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  afterThisTest(() => client.end())
  return client
}
