import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { aBrowser } from '../support/browser.ts'
import { aServer } from '../support/server-under-test.ts'
import { aWatchedPage } from '../support/watched-page.ts'

const BOTS = 10_000

/** A version-4 UUID in hex that shows a number. */
function processName(number: number): string {
  return `${number.toString(16).padStart(12, '0')}40008${'0'.repeat(15)}`
}

describe('the dashboard with 10,000 bots', function () {
  this.timeout(120_000)

  it('shows its first screen with less than 100 kB, in less than a second', async function () {
    const browser = await aBrowser(this)
    const { url, publish, fleet, clock } = await aServer()
    const { digest } = await publish(anArchive(), { query: 'tag=production' })
    for (let bot = 0; bot < BOTS; bot++) {
      const source = { instance: `pod-${bot}`, token: null, address: '127.0.0.1' }
      const process = processName(bot)
      const poll = { kind: 'poll', process, tag: 'production', source, digest, hints: [] } as const
      fleet.take('shop', poll, clock.now())
    }
    const page = await aWatchedPage(browser, { viewport: { width: 1280, height: 900 }, tolerates: /ERR_/ })
    // Warm, as a server is: what is compiled by its first request is no matter of bots.
    await page.goto(url)
    await page.getByText('all 10,000 bots run it').waitFor()
    const times: number[] = []
    // A machine that does other things meanwhile is given time to do it once.
    for (let attempt = 0; attempt < 12 && Math.min(...times) >= 1_000; attempt++) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
      const fresh = await context.newPage()
      await fresh.goto(url, { waitUntil: 'load' })
      // As text: the browser's own words are not known to the types here.
      const [bytes, time] = await fresh.evaluate<[number, number]>(
        `(() => { const [page] = performance.getEntriesByType('navigation'); const files = performance.getEntriesByType('resource').filter(({ name }) => !name.includes('/api/')); return [[page, ...files].reduce((sum, { transferSize }) => sum + transferSize, 0), page.loadEventStart] })()`,
      )
      expect(bytes).to.be.within(10_000, 100_000)
      times.push(time)
      await context.close()
    }
    expect(Math.min(...times)).to.be.lessThan(1_000)
  })

  it('pages through all of them by links', async () => {
    const { request, publish, fleet, clock } = await aServer()
    const { digest } = await publish(anArchive(), { query: 'tag=production' })
    for (let bot = 0; bot < 250; bot++) {
      const source = { instance: `pod-${bot}`, token: null, address: '127.0.0.1' }
      const process = processName(bot)
      fleet.take('shop', { kind: 'poll', process, tag: 'production', source, digest, hints: [] }, clock.now())
    }
    const seen = new Set<string>()
    let path: string | undefined = '/dashboard/bots'
    while (path !== undefined) {
      const { text }: { text: string } = await request.get(path)
      for (const [, name = ''] of text.matchAll(/dashboard\/models\/shop\/bots\/(pod-\d+)/g)) seen.add(name)
      const [, next] = /href="\.\.\/([^"]+)"[^>]*>Next page/.exec(text) ?? []
      path = next === undefined ? undefined : `/${next.replaceAll('&amp;', '&')}`
    }
    expect(seen.size).to.equal(250)
  })
})
