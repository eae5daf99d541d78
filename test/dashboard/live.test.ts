import { expect } from 'chai'
import type { Page, Request } from 'playwright-core'
import { anArchive } from '../support/archive-builder.ts'
import { aBrowser } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { aFleetOn } from '../support/fleet-under-test.ts'
import { aServer } from '../support/server-under-test.ts'
import { startServer, type RunningServer } from '../support/start-server.ts'
import { onceForSuite } from '../support/temporary-directory.ts'
import { anotherTab, aWatchedPage } from '../support/watched-page.ts'

/** What a browser says where the server is away, which the page says in its own words. */
const AWAY = /ERR_(CONNECTION|INCOMPLETE|EMPTY)/

async function publish({ url }: Pick<RunningServer, 'url'>, model = 'shop'): Promise<void> {
  const response = await fetch(`${url}/models/${model}`, { method: 'POST', body: Buffer.from(anArchive()) })
  expect(response.status).to.equal(201)
}

/** How many requests for the stream of events a page has made. */
function countStreams(page: Page): { count: number; lastEventIds: (string | undefined)[] } {
  const counted: { count: number; lastEventIds: (string | undefined)[] } = { count: 0, lastEventIds: [] }
  page.on('request', (request: Request) => {
    if (!request.url().endsWith('/api/v1/events')) return
    counted.count++
    counted.lastEventIds.push(request.headers()['last-event-id'])
  })
  return counted
}

/** Has a page believe that it is looked at, or not: a browser without a screen hides none. */
async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  // As text: the browser's own words are not known to the types here.
  await page.evaluate(
    `Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${String(isHidden)} }); document.dispatchEvent(new Event('visibilitychange'))`,
  )
}

describe('the dashboard, live', function () {
  this.timeout(300_000)
  const browser = onceForSuite(aBrowser)

  it('follows by one stream for two tabs, through a kill and a restart of the server, from where it was', async () => {
    const server = await startServer()
    await publish(server)
    const first = await aWatchedPage(browser(), { tolerates: AWAY })
    const firstStreams = countStreams(first)
    await first.goto(server.url)
    await first.getByText('Live', { exact: true }).waitFor()
    const second = await anotherTab(first, AWAY)
    const secondStreams = countStreams(second)
    await second.goto(server.url)
    await second.getByText('Live', { exact: true }).waitFor()
    await publish(server)
    for (const page of [first, second]) await page.getByText(/Release 2 of shop was published/).waitFor()
    expect(firstStreams.count + secondStreams.count).to.equal(1)

    server.kill('SIGKILL')
    await server.ended
    for (const page of [first, second]) await page.getByText(/^Not live since \d\d:\d\d:\d\d/).waitFor()
    const again = await startServer({ folder: server.folder, env: { PORT: String(server.port) } })
    for (const page of [first, second]) await page.getByText('Live', { exact: true }).waitFor()
    await publish(again)
    for (const page of [first, second]) await page.getByText(/Release 3 of shop was published/).waitFor()
    const resumed = [...firstStreams.lastEventIds, ...secondStreams.lastEventIds].at(-1)
    expect(Number(resumed)).to.be.greaterThan(0)
  })

  it('says that it is not live while a proxy lets the stream through and nothing else', async () => {
    const { url } = await aServer()
    await publish({ url })
    const page = await aWatchedPage(browser(), { tolerates: /503/ })
    await page.goto(url)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.route('**/api/v1/overview', (route) => route.fulfill({ status: 503, body: '' }))
    await publish({ url })
    await page.getByText(/^Not live since/).waitFor()
    await page.unroute('**/api/v1/overview')
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByText(/Release 2 of shop was published/).waitFor()
  })

  it('hands the stream on when the tab that reads it is hidden, or closed', async () => {
    const server = await aServer()
    await publish(server)
    const first = await aWatchedPage(browser(), { tolerates: AWAY })
    const firstStreams = countStreams(first)
    await first.goto(server.url)
    await first.getByText('Live', { exact: true }).waitFor()
    const second = await anotherTab(first, AWAY)
    const streams = countStreams(second)
    await second.goto(server.url)
    await second.getByText('Live', { exact: true }).waitFor()
    expect(streams.count).to.equal(0)
    await setHidden(first, true)
    await eventually('the second tab reads the stream', () => streams.count === 1, 30_000)
    await publish(server, 'other')
    await second.getByText(/Release 1 of other was published/).waitFor()
    expect(firstStreams.count).to.equal(1)
    await setHidden(first, false)
    await second.close()
    await eventually('the first tab reads it again', () => firstStreams.count === 2, 30_000)
    await first.getByText(/Release 1 of other was published/).waitFor()
  })

  it('shows times in the zone of the reader, with UTC when the pointer rests on them', async () => {
    const { url, request, publish: publishTo } = await aServer()
    await publishTo(anArchive())
    const page = await aWatchedPage(browser(), { timezoneId: 'Asia/Tokyo', tolerates: AWAY })
    await page.goto(`${url}/dashboard/models/shop/releases/1`)
    await page.getByText('Live', { exact: true }).waitFor()
    const publishedAt = String((await request.get('/api/v1/models/shop/releases/1')).body.publishedAt)
    const time = page.locator(`time[datetime="${publishedAt}"]`).first()
    expect(await time.getAttribute('title')).to.equal(`${publishedAt.slice(0, 19).replace('T', ' ')} UTC`)
    const local = new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone: 'Asia/Tokyo',
    }).format(Date.parse(publishedAt))
    await eventually('the time is local', async () => (await time.innerText()).endsWith(local))
  })

  it('is read without a script: everything is there, and no button that would do nothing', async () => {
    const { url, request, publish: publishTo } = await aServer()
    await publishTo(anArchive(), { query: 'tag=production' })
    await publishTo(anArchive())
    await request
      .put('/api/v1/models/shop/tags/production')
      .send({ release: 2, policy: { steps: [1, '100%'] } })
    const page = await aWatchedPage(browser(), { javaScriptEnabled: false })
    await page.goto(url)
    expect(await page.getByRole('link', { name: 'shop@production', exact: true }).isVisible()).to.equal(true)
    expect(await page.getByText('As it was when loaded').isVisible()).to.equal(true)
    expect(await page.getByRole('button').count()).to.equal(0)
    await page.getByRole('link', { name: 'Models' }).click()
    await page.getByRole('link', { name: 'shop', exact: true }).click()
    expect(await page.getByRole('heading', { name: 'Releases' }).isVisible()).to.equal(true)
  })
})

describe('signing in, in a browser', function () {
  this.timeout(300_000)
  const browser = onceForSuite(aBrowser)
  const guarded = { publishToken: 'publish-secret', pullToken: 'pull-secret' }

  it('leads to where one was going; signing out leads away from it, and the back button not back', async function () {
    const keeping = await aBrowser(this, { keepsPages: true })
    const { url, publish: publishTo } = await aServer(guarded)
    await publishTo(anArchive())
    const page = await aWatchedPage(keeping, { tolerates: /status of 40[13]|ERR_/ })
    await page.goto(`${url}/dashboard/models/shop`)
    await page.getByLabel('Token').fill('wrong')
    await page.keyboard.press('Enter')
    await page.getByText('This token is not known here.').waitFor()
    await page.getByLabel('Token').fill('publish-secret')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'shop', exact: true }).waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    expect(await page.evaluate('document.cookie')).to.equal('')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token').waitFor()
    // Whoever sits down next presses the back button.
    await page.evaluate('history.back()')
    await page.waitForURL('**/dashboard/models/shop')
    await page.getByLabel('Token').waitFor()
    await page.goto(`${url}/dashboard/models/shop`)
    expect(await page.getByLabel('Token').isVisible()).to.equal(true)
  })

  it('with a token that only reads shows everything and no button', async () => {
    const { url, request, publish: publishTo } = await aServer(guarded)
    await publishTo(anArchive(), { query: 'tag=production' })
    const { body } = await request
      .post('/api/v1/tokens')
      .set('Authorization', 'Bearer publish-secret')
      .send({ name: 'on-call', allow: ['read'] })
    const page = await aWatchedPage(browser(), { tolerates: /ERR_/ })
    await page.goto(url)
    await page.getByLabel('Token').fill(body.secret)
    await page.keyboard.press('Enter')
    await page.getByText('Signed in as on-call, to read only.').waitFor()
    for (const path of ['', '/dashboard/models/shop/releases/1', '/dashboard/models/shop/tags/production']) {
      await page.goto(url + path)
      await page.getByText('Live', { exact: true }).waitFor()
      const buttons = await page.getByRole('button').allInnerTexts()
      expect(
        buttons.filter((name) => !['Sign out', 'Copy'].includes(name)),
        path,
      ).to.deep.equal([])
    }
    expect(await page.getByRole('link', { name: 'Tokens' }).count()).to.equal(0)
  })

  it('with a token for one model shows that model alone, and says so when the token has ended', async () => {
    const { url, request, publish: publishTo } = await aServer(guarded)
    for (const model of ['shop', 'other']) await publishTo(anArchive(), { model, query: 'tag=production' })
    const asAdmin = (method: 'post' | 'delete', path: string) =>
      request[method](`/api/v1/tokens${path}`).set('Authorization', 'Bearer publish-secret')
    const allow = ['read:shop', 'promote:shop@production']
    const { body } = await asAdmin('post', '').send({ name: 'ana', allow })
    let hasEnded = false
    // Until it has ended nothing may be refused: a console that is full of 403s hides what is wrong.
    const tolerates = { test: (text: string) => hasEnded || text.includes('ERR_') }
    const page = await aWatchedPage(browser(), { tolerates })
    await page.goto(url)
    await page.getByLabel('Token').fill(body.secret)
    await page.keyboard.press('Enter')
    await page.getByText('Signed in as ana').waitFor()
    for (const path of [
      '',
      '/dashboard/models',
      '/dashboard/models/shop',
      '/dashboard/bots',
      '/dashboard/publish',
    ]) {
      await page.goto(url + path)
      await page.getByText('Live', { exact: true }).waitFor()
      expect(await page.getByText('other', { exact: true }).count(), path).to.equal(0)
      expect(await page.getByRole('link', { name: 'Publish an archive' }).count(), path).to.equal(0)
    }
    await page.getByText('Your token does not let you publish.').waitFor()
    await page.goto(`${url}/dashboard/models/shop/tags/production`)
    await page.getByRole('button', { name: 'Promote…' }).waitFor()
    expect(await page.getByText('Edit the policy').count()).to.equal(0)

    hasEnded = true
    expect((await asAdmin('delete', '/ana')).status).to.equal(204)
    await publishTo(anArchive())
    await page.getByRole('link', { name: 'sign in again' }).click()
    await page.getByLabel('Token').fill('publish-secret')
    await page.keyboard.press('Enter')
    await page.getByText('Edit the policy').waitFor()
  })

  it('makes a token that is shown once, and revokes it', async () => {
    const { url, request } = await aServer(guarded)
    const page = await aWatchedPage(browser(), { tolerates: /status of 401|ERR_/ })
    await page.goto(`${url}/dashboard/tokens`)
    await page.getByLabel('Token').fill('publish-secret')
    await page.keyboard.press('Enter')
    await page.getByLabel('Name').fill('ci')
    await page.getByLabel('Allows').fill('publish:shop promote:shop@staging')
    await page.getByRole('button', { name: 'Make a token…' }).click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.innerText()).to.include('It allows publish:shop, promote:shop@staging, for 90 days.')
    await dialog.locator('button[type=submit]').click()
    const secret = await dialog.getByLabel('the secret', { exact: true }).innerText()
    const known = await request.get('/api/v1/tokens').set('Authorization', `Bearer ${secret}`)
    expect([known.status, known.body.code]).to.deep.equal([403, 'token-insufficient'])
    await dialog.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: 'Rotate' }).click()
    await dialog.locator('button[type=submit]').click()
    await dialog.getByText('The token ci has a successor.').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await page.getByText('replaced', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Revoke' }).click()
    await dialog.locator('button[type=submit]').click()
    await page.getByText('revoked', { exact: true }).first().waitFor()
    expect((await request.get('/api/v1/models').set('Authorization', `Bearer ${secret}`)).status).to.equal(
      401,
    )
  })

  it('asks before the first token shuts bots out, and makes it when that is meant', async () => {
    const { url, request, pollAll } = await aFleetOn(1)
    const admin = await request.post('/api/v1/tokens').send({ name: 'ana', allow: ['admin'] })
    const page = await aWatchedPage(browser(), { tolerates: /status of 4|ERR_/ })
    await page.goto(`${url}/dashboard/tokens`)
    await page.getByLabel('Token').fill(admin.body.secret)
    await page.keyboard.press('Enter')
    await page.getByLabel('Name').fill('bots')
    await page.getByLabel('Allows').fill('pull:shop')
    await page.getByRole('button', { name: 'Make a token…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('button[type=submit]').click()
    await dialog.getByText('1 known bot polls without one now: pod-1 of shop').waitFor()
    expect(await pollAll()).to.deep.equal([304])
    await dialog.getByText('The same from a terminal').click()
    await dialog
      .getByText('slipway token create bots --allow pull:shop --expires 90d --closes-pulls')
      .waitFor()
    await dialog.getByRole('button', { name: 'Make it, and refuse bots without a token' }).click()
    await dialog.getByLabel('the secret', { exact: true }).waitFor()
    expect(await pollAll()).to.deep.equal([401])
    await page.goto(url)
    await page.getByText(/1 bot that polled before is refused, .*: pod-1 of shop\./).waitFor()
  })
})
