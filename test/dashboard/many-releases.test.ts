import path from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import supertest from 'supertest'
import { loadConfig } from '../../server/config/config.ts'
import { anArchive } from '../support/archive-builder.ts'
import { aBrowser } from '../support/browser.ts'
import { PRODUCTION } from '../support/fleet-under-test.ts'
import { startComposed, type StartedServer } from '../support/start-composed.ts'
import { onceForSuite, temporaryDirectory } from '../support/temporary-directory.ts'
import { aWatchedPage } from '../support/watched-page.ts'

const RELEASES = 10_000
/** A page of the list has 50 releases; with everything around them it has far fewer elements than one for each release. */
const [ROWS, ELEMENTS] = [50, 2_000]
/** An old release that can be promoted: its archive is that of the first. */
const OLD = 5_000

/** A server with 10,000 releases of shop: the first and the newest were published, the others were put into the catalog. */
async function aServerWithManyReleases(): Promise<StartedServer> {
  const folder = await temporaryDirectory()
  const config = loadConfig({}, folder)
  const first = await startComposed(config, { tasks: false })
  await publish(first, '?tag=production', '3.6.20')
  await first.stop()
  addReleases(path.join(folder, 'data/catalog.sqlite'))
  const server = await startComposed(config, { tasks: false })
  expect(await publish(server, '', '3.6.21')).to.equal(RELEASES)
  return server
}

async function publish({ url }: StartedServer, query: string, rasaVersion: string): Promise<number> {
  const body = Buffer.from(anArchive({ rasaVersion }))
  const response = await fetch(`${url}/models/shop${query}`, { method: 'POST', body })
  expect(response.status).to.equal(201)
  return ((await response.json()) as { number: number }).number
}

/** Gives the first release successors that differ from it in number and digest, up to the last but one; only {@link OLD} has an archive. */
function addReleases(file: string): void {
  const database = new Database(file)
  const numbers = `with recursive numbers (n) as (select 2 union all select n + 1 from numbers where n < ${RELEASES - 1})`
  const other = `printf('%064x', n)`
  database.exec(`begin;
    ${numbers} insert into releases
      select model, n, iif(n = ${OLD}, digest, ${other}), size, filename, published_at, published_by, 'number ' || n, archive, signature
      from releases, numbers where number = 1;
    ${numbers} insert into release_facts select model, n, facts from release_facts, numbers where number = 1;
    ${numbers} insert into released_digests select 'shop', ${other} from numbers where n <> ${OLD};
    update models set next_number = ${RELEASES};
    commit`)
  database.close()
}

/** The numbers of the releases that a page lists, from its first row to its last. */
function listedOn(page: Page): Promise<string[]> {
  return page.locator('[aria-labelledby=releases-title] tbody .release').allInnerTexts()
}

/** Waits until the list on a page begins with this release. */
async function untilFirstIs(page: Page, number: number): Promise<void> {
  const first = page.locator('[aria-labelledby=releases-title] tbody tr:first-child .release')
  await first.filter({ hasText: new RegExp(`^${number}$`) }).waitFor()
}

/** How many elements a page has. */
function elementsOf(page: Page): Promise<number> {
  return page.locator('*').count()
}

describe('the dashboard with 10,000 releases of a model', function () {
  this.timeout(300_000)
  const browser = onceForSuite(aBrowser)
  const server = onceForSuite(aServerWithManyReleases)

  it('shows the newest of them, and leads to older ones a page at a time', async () => {
    const page = await aWatchedPage(browser(), { tolerates: /ERR_/ })
    await page.goto(`${server().url}/dashboard/models/shop`)
    await page.getByText('Live', { exact: true }).waitFor()
    expect(await page.getByRole('heading', { name: 'Releases 10,000' }).count()).to.equal(1)
    for (const newest of [RELEASES, RELEASES - ROWS, RELEASES - 2 * ROWS]) {
      await untilFirstIs(page, newest)
      const listed = await listedOn(page)
      expect(listed).to.deep.equal(Array.from({ length: ROWS }, (_, index) => String(newest - index)))
      expect(await elementsOf(page)).to.be.lessThan(ELEMENTS)
      await page.getByRole('link', { name: 'Next page' }).click()
    }
    await page.getByRole('link', { name: 'First page' }).click()
    await untilFirstIs(page, RELEASES)
  })

  it('leads by links to every one of them', async () => {
    const request = supertest(server().url)
    const seen = new Set<string>()
    let path: string | undefined = '/dashboard/models/shop'
    while (path !== undefined) {
      const { text }: { text: string } = await request.get(path)
      for (const [, number = ''] of text.matchAll(/dashboard\/models\/shop\/releases\/(\d+)"/g))
        seen.add(number)
      const [, next] = /href="(?:\.\.\/)+([^"]+)"[^>]*>Next page/.exec(text) ?? []
      path = next === undefined ? undefined : `/${next.replaceAll('&amp;', '&')}`
    }
    expect(seen.size).to.equal(RELEASES)
  })

  it('compares the first with the newest', async () => {
    const page = await aWatchedPage(browser(), { tolerates: /ERR_/ })
    await page.goto(`${server().url}/dashboard/models/shop`)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByLabel('Compare release').fill('1')
    await page.getByLabel('with', { exact: true }).fill(String(RELEASES))
    await page.getByRole('button', { name: 'Compare', exact: true }).click()
    await page.getByRole('heading', { name: `shop: release 1 → ${RELEASES}` }).waitFor()
    const row = page.getByRole('row', { name: 'Rasa' })
    expect(await row.getByRole('cell').allInnerTexts()).to.deep.equal(['3.6.20', '3.6.21'])
    expect(await elementsOf(page)).to.be.lessThan(ELEMENTS)
  })

  it('promotes an old one by its number, without a list of all to choose from', async function () {
    const page = await aWatchedPage(browser(), { tolerates: /ERR_/ })
    await page.goto(`${server().url}/dashboard/models/shop/tags/production`)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByLabel('Release', { exact: true }).fill(String(OLD))
    await page.getByRole('button', { name: 'Promote…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('heading', { name: `Promote release ${OLD} to shop@production` }).waitFor()
    await dialog.getByText('No bot polls this tag: it moves at once.').waitFor()
    expect(await elementsOf(page)).to.be.lessThan(ELEMENTS)
    await dialog.locator('button[type=submit]').click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('link', { name: `release ${OLD}`, exact: true }).waitFor()
    expect((await supertest(server().url).get(PRODUCTION)).body.release).to.equal(OLD)
  })
})
