import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { aBrowser } from '../support/browser.ts'
import { PollingBot } from '../support/polling-bot.ts'
import { aServer, type ServerUnderTest } from '../support/server-under-test.ts'
import { onceForSuite } from '../support/temporary-directory.ts'
import { aWatchedPage } from '../support/watched-page.ts'

/** As long as names may be. */
const [MODEL, TAG, BOT] = ['m'.repeat(64), 't'.repeat(64), 'b'.repeat(128)]

/** Twenty tags, the first with the longest name, all at one release. */
async function longNames(): Promise<ServerUnderTest> {
  const server = await aServer()
  await server.publish(anArchive(), { model: MODEL, query: `tag=${TAG}` })
  const tags = `/api/v1/models/${MODEL}/tags`
  for (let number = 1; number < 20; number++) {
    const name = `${number}-${'branch-of-somebody'.padEnd(50, 'x')}`
    const { status } = await server.request.put(`${tags}/${name}`).send({ release: 1 })
    expect(status).to.equal(201)
  }
  const bot = new PollingBot(`${server.url}/models/${MODEL}@${TAG}`, BOT)
  for (let poll = 0; poll < 3; poll++) {
    server.clock.advance(10_000)
    await bot.poll()
  }
  return server
}

describe('the pages of the dashboard with the longest names, and many tags', function () {
  this.timeout(300_000)
  const browser = onceForSuite(aBrowser)
  const server = onceForSuite(longNames)

  for (const width of [390, 720, 1280]) {
    it(`fit a screen of ${width} pixels`, async () => {
      const page = await aWatchedPage(browser(), { viewport: { width, height: 800 }, tolerates: /ERR_/ })
      const at = `dashboard/models/${MODEL}`
      for (const path of [
        ...['', 'dashboard/models', at, `${at}/tags/${TAG}`, `${at}/releases/1`, `${at}/timeline`],
        ...['dashboard/bots', `${at}/bots/${BOT}`, 'dashboard/rollouts', 'dashboard/audit'],
      ]) {
        await page.goto(`${server().url}/${path}`)
        // As text: the browser's own words are not known to the types here.
        const fits = await page.evaluate('document.documentElement.scrollWidth <= innerWidth')
        expect(fits, `${path} is wider than the screen`).to.equal(true)
      }
    })
  }

  it('name some tags of a release, and say how many more there are', async () => {
    const page = await aWatchedPage(browser(), { tolerates: /ERR_/ })
    await page.goto(`${server().url}/dashboard/models/${MODEL}/releases/1`)
    await page.getByText('and 13 more').waitFor()
  })

  it('say of a release without a tag that it has none', async () => {
    const { url, publish } = await aServer()
    for (let number = 1; number <= 2; number++) await publish(anArchive())
    const page = await aWatchedPage(browser(), { tolerates: /ERR_/ })
    await page.goto(`${url}/dashboard/models/shop/releases/1`)
    const facts = page.locator('.facts > div', { has: page.getByText('Tags', { exact: true }) })
    expect(await facts.getByRole('definition').innerText()).to.equal('none')
  })
})
