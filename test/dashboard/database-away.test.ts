import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { aBrowser } from '../support/browser.ts'
import { startPostgres, type PostgresServer } from '../support/services/postgres.ts'
import { aDatabase, administer } from '../support/services/shared-postgres.ts'
import { startServer } from '../support/start-server.ts'
import { anotherTab, aWatchedPage } from '../support/watched-page.ts'

/** What a browser says of answers that the page says in its own words. */
const REFUSED = /status of 503/

describe('the dashboard of a server over Postgres', function () {
  this.timeout(300_000)
  let postgres: PostgresServer

  before(async function () {
    postgres = await startPostgres(this)
  })
  after(() => postgres.stop())

  it('names a server that is silent, says that the database is away, and goes on by itself when it is back', async function () {
    const browser = await aBrowser(this)
    const database = await aDatabase(postgres.url)
    const server = await startServer({ env: { DATABASE_URL: database } })
    const body = Uint8Array.from(anArchive())
    expect((await fetch(`${server.url}/models/shop`, { method: 'POST', body })).status).to.equal(201)
    await administer(
      database,
      `insert into servers (id, place, host, address, version, storage, started_at, seen_at, compared_at)
        select 'gone', 'there', 'slipway-9', '10.0.0.9:5080', '0.1.0', storage, started_at, seen_at - 600000, seen_at - 600000 from servers`,
    )
    const page = await aWatchedPage(browser, { tolerates: REFUSED })
    await page.goto(server.url)
    await page.getByText('Live', { exact: true }).waitFor()
    await page
      .getByText(/1 of 2 servers is silent: slipway-9 \(10\.0\.0\.9:5080, heard last \d+ minutes ago\)/)
      .waitFor()

    await postgres.kill()
    const away = /^This is how it was at \d\d:\d\d:\d\d\. The database does not answer\. Bots go on/
    await page.getByRole('alert').filter({ hasText: away }).waitFor({ timeout: 120_000 })
    await page.getByText(/^Not live since/).waitFor()
    await page.getByText(/1 of 2 servers is silent/).waitFor()
    const second = await anotherTab(page, REFUSED)
    await second.goto(server.url)
    await second.getByText(/^The database does not answer\. Bots go on with what is known/).waitFor()

    await postgres.start()
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByRole('alert').waitFor({ state: 'detached' })
  })
})
