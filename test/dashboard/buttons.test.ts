import { readFile, writeFile } from 'node:fs/promises'
import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import type { Release } from '../../protocol/release.ts'
import { anArchive } from '../support/archive-builder.ts'
import { aBrowser } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { aFleetOn, PRODUCTION, type FleetUnderTest } from '../support/fleet-under-test.ts'
import { PollingBot } from '../support/polling-bot.ts'
import { afterThisTest, onceForSuite } from '../support/temporary-directory.ts'
import { aWatchedPage, type WatchedPageOptions } from '../support/watched-page.ts'

/** A browser says so of every answer that is no success; the page says what the server said. */
const REFUSED = /responded with a status of 4|ERR_/

interface Setting extends FleetUnderTest {
  browser: Browser
}

describe('each button of the dashboard does what it says, and the API agrees:', function () {
  this.timeout(300_000)

  // One server and one browser for all: each test has a model or a release of its own.
  const setting = onceForSuite<Setting>(async (context) => ({
    browser: await aBrowser(context),
    ...(await aFleetOn(2)),
  }))

  /** Opens a page below the server's root. */
  async function open(path: string, options: WatchedPageOptions = {}): Promise<Page> {
    const { browser, url } = setting()
    const page = await aWatchedPage(browser, { tolerates: REFUSED, ...options })
    afterThisTest(() => page.context().close())
    await page.goto(`${url}/${path}`)
    await page.getByText('Live', { exact: true }).waitFor()
    return page
  }

  /** Presses a button, and waits until the dialog has asked the server. @returns what it says */
  async function ask(page: Page, button: string): Promise<string> {
    await page.getByRole('button', { name: button, exact: true }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Asking the server').waitFor({ state: 'detached' })
    await dialog.getByText('The same from a terminal').click()
    return dialog.innerText()
  }

  const sayYes = (page: Page): Promise<void> =>
    page.getByRole('dialog').locator('button[type=submit]').click()
  const status = async (path: string): Promise<number> => (await setting().request.get(path)).status
  const read = async <Body>(path: string): Promise<Body> => (await setting().request.get(path)).body as Body

  it('Delete of a release', async () => {
    const { publish } = setting()
    for (let number = 1; number <= 2; number++) await publish(anArchive(), { model: 'cut' })
    const page = await open('dashboard/models/cut/releases/1')
    expect(await ask(page, 'Delete'))
      .to.include('No bot runs it: nobody is touched.')
      .and.include("slipway delete 'cut#1'")
    await sayYes(page)
    await page.waitForURL('**/dashboard/models/cut')
    expect(await status('/api/v1/models/cut/releases/1')).to.equal(404)
    expect(await status('/api/v1/models/cut/releases/2')).to.equal(200)
  })

  it('Prune of a model', async () => {
    const { publish } = setting()
    for (let number = 1; number <= 22; number++) await publish(anArchive(), { model: 'long' })
    const page = await open('dashboard/models/long')
    expect(await ask(page, 'Prune'))
      .to.include('2 releases go, from 1 to 2;')
      .and.include('20 releases stay. It cannot be undone.')
    await sayYes(page)
    await page.getByText('The releases of long that nothing uses are deleted.').waitFor()
    const { items } = await read<{ items: Release[] }>('/api/v1/models/long/releases')
    expect([items.length, items.at(-1)?.number]).to.deep.equal([20, 3])
  })

  it('Delete of a model: where bots run it, only when the reader insists', async () => {
    const { publish, url, clock } = setting()
    await publish(anArchive(), { model: 'gone', query: 'tag=production' })
    const bot = new PollingBot(`${url}/models/gone@production`, 'pod-of-gone')
    for (let poll = 0; poll < 2; poll++) {
      clock.advance(10_000)
      await bot.poll()
    }
    const page = await open('dashboard/models/gone')
    await page.getByText('Edit the settings').click()
    expect(await ask(page, 'Delete the model'))
      .to.match(/1 release and the tags (latest|production) and (latest|production) go for good\./)
      .and.include('1 bot runs it: pod-of-gone.')
      .and.include('slipway delete gone --expect 1')
    await sayYes(page)
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('alert').waitFor()
    expect(await status('/api/v1/models/gone')).to.equal(200)
    await dialog.getByText('slipway delete gone --expect 1 --force').waitFor()
    await dialog.getByRole('button', { name: 'Delete it all the same' }).click()
    await page.waitForURL('**/dashboard/models')
    expect(await status('/api/v1/models/gone')).to.equal(404)
  })

  it('Verify all archives', async () => {
    const { publish, blobFile, request } = setting()
    const { digest } = await publish(anArchive(), { model: 'rotten' })
    const sound = await readFile(blobFile(digest))
    const rotten = Buffer.from(sound)
    rotten.writeUInt8(rotten.readUInt8(100) ^ 1, 100)
    await writeFile(blobFile(digest), rotten)
    await request.post('/api/v1/verification')
    const damaged = async (): Promise<number> =>
      (await read<{ damaged: unknown[] }>('/api/v1/verification')).damaged.length
    await eventually('the damage is found', async () => (await damaged()) === 1)
    const page = await open('')
    await page.getByText('The stored archive of release 1 of rotten is damaged').waitFor()
    await writeFile(blobFile(digest), sound)
    expect(await ask(page, 'Verify all archives')).to.include('slipway verify')
    await sayYes(page)
    await page.getByText('The archives are being verified.').waitFor()
    await eventually('it is found sound', async () => (await damaged()) === 0)
  })

  it('Promote of a release that was taken back: only when the reader insists, and it is like any other then', async () => {
    const { publish, request, bots, untilRollout } = setting()
    const { number, digest } = await publish(anArchive())
    for (const bot of bots) bot.unloadable.add(digest)
    await request.put(PRODUCTION).send({ release: number, policy: { steps: [1, '100%'] } })
    await untilRollout('reverted')
    const releaseAt = `/api/v1/models/shop/releases/${number}`
    expect((await read<Release>(releaseAt)).quarantine).to.be.an('object')

    const page = await open(`dashboard/models/shop/releases/${number}`)
    expect(await ask(page, 'Promote…'))
      .to.include(`Release ${number} was taken back from bots before`)
      .and.match(/slipway promote shop@production \d+ --force/)
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Promote anyway' }).waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()

    await page.goto(`${setting().url}/dashboard/models/shop/tags/production`)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByLabel('Release', { exact: true }).fill(String(number))
    expect(await ask(page, 'Promote…')).to.include(
      `Look first: release ${number} of shop was taken back before`,
    )
    await sayYes(page)
    await dialog.getByRole('alert').waitFor()
    expect((await read<Release>(releaseAt)).quarantine).to.be.an('object')
    for (const bot of bots) bot.unloadable.clear()
    await dialog.getByRole('button', { name: 'Promote anyway' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect((await read<Release>(releaseAt)).quarantine).to.equal(null)
    expect(await untilRollout('done')).to.include({ to: number })
  })

  it('Promote, by keyboard alone', async () => {
    const { publish, lastRollout } = setting()
    const { number } = await publish(anArchive())
    const page = await open(`dashboard/models/shop/releases/${number}`)
    const focused = page.locator(':focus')
    let pressed = 0
    do await page.keyboard.press('Tab')
    while ((await focused.innerText()) !== 'Promote…' && ++pressed < 60)
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByText(`bots get release ${number}`).waitFor()
    await page.keyboard.type('typed at night')
    await dialog.locator('button[type=submit]:enabled').waitFor()
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    expect(await lastRollout()).to.include({ to: number, startReason: 'typed at night' })
    expect(await focused.innerText()).to.equal('Promote…')
  })

  it('Advance of the last step', async () => {
    const { publish, request, untilRollout, lastRollout } = setting()
    const { number } = await publish(anArchive())
    await request.put(PRODUCTION).send({ release: number, policy: { steps: ['100%'], soak: 3600 } })
    await untilRollout('running', 0)
    const page = await open(`dashboard/models/shop/rollouts/${(await lastRollout()).id}`)
    expect(await ask(page, 'Advance')).to.include('It is the last step: the rollout is done then')
    await sayYes(page)
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await lastRollout()).to.include({ state: 'done', to: number })
  })

  it('nothing, where what it is decided on cannot be read', async () => {
    const { publish, request } = setting()
    const { number } = await publish(anArchive())
    const before = (await request.get(PRODUCTION)).headers['etag']
    const page = await open(`dashboard/models/shop/releases/${number}`)
    await page.route(`**${PRODUCTION}`, (route) => route.abort())
    await page.getByRole('button', { name: 'Promote…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('alert').waitFor()
    expect(await dialog.locator('button[type=submit]').isDisabled()).to.equal(true)
    expect((await request.get(PRODUCTION)).headers['etag']).to.equal(before)
    await page.unroute(`**${PRODUCTION}`)
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await ask(page, 'Promote…')
    await dialog.locator('button[type=submit]:enabled').waitFor()
  })

  it('Copy', async () => {
    const page = await open(`dashboard/publish?model=shop`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await page.getByRole('button', { name: 'Copy: publish with curl' }).click()
    await page.getByText('Copied', { exact: true }).waitFor()
    const copied = await page.evaluate('navigator.clipboard.readText()')
    expect(copied).to.equal(await page.getByLabel('publish with curl', { exact: true }).innerText())
    expect(copied).to.include(`${setting().url}/models/shop`)
  })

  it('Show of the bots in some state, and Compare of two releases', async () => {
    const { url, clock } = setting()
    clock.advance(10_000)
    await new PollingBot(`${url}/models/shop@latest`, 'of-latest').poll()
    const page = await open('dashboard/bots')
    await page.getByLabel('Tag', { exact: true }).fill('latest')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.waitForURL('**tag=latest**')
    const names = await page.locator('table.bots tbody th a').allInnerTexts()
    expect(names).to.deep.equal(['of-latest'])
    await page.goto(`${url}/dashboard/models/shop`)
    await page.getByLabel('Compare release').fill('1')
    await page.getByLabel('with', { exact: true }).fill('2')
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.getByRole('heading', { name: 'shop: release 1 → 2' }).waitFor()
  })

  it('Show of what ran at a moment of the reader’s clock', async () => {
    const page = await open('dashboard/models/shop/timeline', { timezoneId: 'Asia/Tokyo' })
    await page.getByLabel('What ran at (your time)').fill('2026-11-26T23:05')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.waitForURL(/at=2026-11-26T14%3A05%3A00/)
    await page.getByText('Live', { exact: true }).waitFor()
    expect(await page.getByLabel('What ran at (your time)').inputValue()).to.equal('2026-11-26T23:05')
  })
})
