import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { withPostgres } from '../support/a-postgres-catalog.ts'
import { eventually } from '../support/eventually.ts'
import { PollingBot } from '../support/polling-bot.ts'
import { startPostgres, type PostgresServer } from '../support/services/postgres.ts'
import { aDatabase, administer } from '../support/services/shared-postgres.ts'
import { startFailure, startServer, type RunningServer } from '../support/start-server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

describe('a server over Postgres', function () {
  this.timeout(90_000)
  const postgres = withPostgres()

  const start = (database: string, options: { folder?: string; env?: Record<string, string> } = {}) =>
    startServer({ ...options, env: { DATABASE_URL: database, ...options.env } })

  const publish = async ({ url }: RunningServer, query = ''): Promise<Response> =>
    fetch(`${url}/models/shop${query}`, { method: 'POST', body: Uint8Array.from(anArchive()) })

  const readiness = async ({ url }: RunningServer) => {
    const response = await fetch(`${url}/readyz`)
    return { status: response.status, ...((await response.json()) as { pulls?: boolean; writes?: boolean }) }
  }

  it('keeps releases and tags there, watches no folder, and goes on in another place when its own is lost', async () => {
    const database = await postgres.database()
    const first = await start(database)
    expect((await publish(first, '?tag=production')).status).to.equal(201)
    expect(first.lines.find(({ msg }) => msg === 'listening')).to.not.have.property('modelsDir')
    first.kill('SIGTERM')
    expect(await first.ended).to.equal(0)
    const second = await start(database, { folder: await temporaryDirectory() })
    const tags = (await (await fetch(`${second.url}/api/v1/models/shop/tags`)).json()) as { items: unknown[] }
    expect(tags.items).to.have.length(2)
    expect(((await (await publish(second)).json()) as { number: number }).number).to.equal(2)
  })

  it('has an inbox where MODELS_DIR is set', async () => {
    const inbox = await temporaryDirectory()
    await writeFile(path.join(inbox, 'one.tar.gz'), anArchive())
    const server = await start(await postgres.database(), { env: { MODELS_DIR: inbox } })
    await eventually(
      'it is published',
      async () => (await fetch(`${server.url}/models/default`)).status === 200,
    )
  })

  const at = (database: string, change: (url: URL) => void): string => {
    const url = new URL(database)
    change(url)
    return url.href
  }

  it('ends with 1 and a sentence where the database does not answer and nothing is known: it may answer later', async () => {
    for (const away of [
      (to: URL) => (to.port = '1'),
      // RFC 6761 §6.4: this name never resolves.
      (to: URL) => (to.hostname = 'slipway.invalid'),
    ]) {
      const { outcome, stderr } = await startFailure(start(at(await postgres.database(), away)))
      expect(stderr).to.match(/^slipway: DATABASE_URL: [^\n]* cannot be reached \([^\n]*\n$/)
      expect(outcome).to.equal(1)
    }
  })

  describe('ends with 2 and a sentence, and changes nothing,', () => {
    // What else there may be is tried without a process: test/composition/opening/open-database.test.ts.
    it('without such a database', async () => {
      const nowhere = at(await postgres.database(), (url) => (url.pathname = '/nowhere'))
      const { outcome, stderr } = await startFailure(start(nowhere))
      expect(stderr).to.match(/^slipway: [^\n]*\n {2}- DATABASE_URL: [^\n]*createdb nowhere[^\n]*\n$/)
      expect(outcome).to.equal(2)
    })

    it('where DATA_DIR has a catalog of its own that nobody moved', async () => {
      const embedded = await startServer()
      expect((await publish(embedded)).status).to.equal(201)
      embedded.kill('SIGTERM')
      await embedded.ended
      const refusal = await startFailure(start(await postgres.database(), { folder: embedded.folder }))
      expect(refusal).to.include({ outcome: 2 })
      expect(refusal.stderr).to.contain('slipway migrate')
    })

    it('while another server runs over the database', async () => {
      const database = await postgres.database()
      const first = await start(database)
      const refusal = await startFailure(start(database, { folder: await temporaryDirectory() }))
      expect(refusal).to.include({ outcome: 2 })
      expect(refusal.stderr).to.match(/another server runs over this database \(on .*\).*stop that one first/)
      expect((await publish(first)).status).to.equal(201)
    })
  })

  it('starts soon after another was killed, in the same place at once', async () => {
    const database = await postgres.database()
    const first = await start(database)
    await publish(first)
    first.kill('SIGKILL')
    await first.ended
    // As if it had been heard of just now, however long the next one takes to begin: another place would wait for an hour.
    await administer(database, 'update servers set seen_at = seen_at + 3600000')
    const second = await start(database, { folder: first.folder })
    second.kill('SIGKILL')
    await second.ended
    const third = await start(database, { folder: await temporaryDirectory() })
    expect((await publish(third)).status).to.equal(201)
  })

  it('changes nothing after another took its place while it slept, and ends', async () => {
    const database = await postgres.database()
    const first = await start(database)
    expect((await publish(first)).status).to.equal(201)
    first.kill('SIGSTOP')
    const second = await start(database, { folder: await temporaryDirectory() })
    expect((await publish(second)).status).to.equal(201)
    first.kill('SIGCONT')
    const late = await publish(first).then(
      ({ status }) => status,
      () => 'refused',
    )
    expect(late).to.be.oneOf([503, 'refused'])
    expect(await first.ended).to.equal(1)
    expect(first.lines.map(({ msg }) => msg)).to.include('superseded')
    const releases = await administer(database, 'select number from releases')
    expect(releases).to.have.length(2)
  })

  describe('whose database goes away', () => {
    let server: PostgresServer
    let database: Pick<PostgresServer, 'url' | 'kill' | 'start' | 'signal'>

    before(async function () {
      server = await startPostgres(this)
    })
    after(() => server.stop())
    // Each test has a database of its own: a server that was killed stands in the way of the next for some seconds.
    beforeEach(async () => {
      database = { ...server, url: await aDatabase(server.url) }
    })

    for (const [how, leave, comeBack] of [
      ['ends', () => database.kill(), () => database.start()],
      ['stops and says nothing', () => database.signal('SIGSTOP'), () => database.signal('SIGCONT')],
    ] as const) {
      it(`since it ${how}: pulls go on, writes are refused, and all is well when it is back`, async () => {
        const server = await start(database.url)
        expect((await publish(server)).status).to.equal(201)
        const bot = new PollingBot(`${server.url}/models/shop`, 'pod-1')
        expect(await bot.poll()).to.equal(200)
        await leave()
        await eventually(
          'it says that it takes no writes',
          async () => (await readiness(server)).writes === false,
        )
        expect(await readiness(server)).to.include({ status: 200, pulls: true })
        expect(await bot.poll()).to.equal(304)
        expect(await new PollingBot(`${server.url}/models/shop`, 'pod-2').poll()).to.equal(200)
        const refused = await publish(server)
        expect(refused.status).to.equal(503)
        expect(await refused.json()).to.include({ code: 'catalog-unavailable' })
        await comeBack()
        await eventually('it takes writes again', async () => (await readiness(server)).writes === true)
        expect((await publish(server)).status).to.equal(201)
        expect(await bot.poll()).to.equal(200)
      })
    }

    it('answers pulls also after a restart without it, and ends when it is back, to start with it', async () => {
      const first = await start(database.url)
      expect((await publish(first)).status).to.equal(201)
      const bot = new PollingBot(`${first.url}/models/shop`, 'pod-1')
      expect(await bot.poll()).to.equal(200)
      first.kill('SIGTERM')
      await first.ended
      await database.kill()
      const second = await start(database.url, { folder: first.folder })
      const cold = await fetch(`${second.url}/models/shop?instance=x`, {
        headers: { 'If-None-Match': randomUUID().replaceAll('-', '') },
      })
      expect(cold.status).to.equal(200)
      await cold.arrayBuffer()
      const other = await fetch(`${second.url}/models/shop`, {
        headers: { 'If-None-Match': `"${'0'.repeat(64)}.${randomUUID().replaceAll('-', '')}"` },
      })
      expect([other.status, other.headers.get('retry-after')]).to.deep.equal([503, '30'])
      expect(await other.json()).to.include({ code: 'catalog-unavailable' })
      // Not that there are none.
      expect((await fetch(`${second.url}/api/v1/bots`)).status).to.equal(503)
      expect((await publish(second)).status).to.equal(503)
      expect(await readiness(second)).to.include({ status: 200, pulls: true, writes: false })
      await database.start()
      expect(await second.ended).to.equal(1)
      const third = await start(database.url, { folder: first.folder })
      expect((await publish(third)).status).to.equal(201)
    })
  })
})
