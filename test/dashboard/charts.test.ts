import { expect } from 'chai'
import { botsOverTime } from '../../dashboard/charts/bots-over-time.ts'
import { pollsOverTime } from '../../dashboard/charts/polls-over-time.ts'
import { aBrowser } from '../support/browser.ts'
import { aFleetOn, PRODUCTION } from '../support/fleet-under-test.ts'
import { aWatchedPage } from '../support/watched-page.ts'

describe('what charts show', () => {
  const at = (minute: number) => new Date(minute * 60_000).toISOString()

  it('is a line for each release, the newest first, each value holding until the next', () => {
    const { times, lines } = botsOverTime({
      until: at(9),
      points: [
        { at: at(1), releases: [{ release: 7, bots: 3 }] },
        {
          at: at(5),
          releases: [
            { release: 7, bots: 1 },
            { release: 8, bots: 2 },
            { release: null, bots: 1 },
          ],
        },
      ],
    })
    expect(times).to.deep.equal([60, 300, 540])
    expect(lines.map(({ label, values }) => [label, values])).to.deep.equal([
      ['release 8', [0, 2, 2]],
      ['release 7', [3, 1, 1]],
      ['another, or none', [0, 1, 1]],
    ])
  })

  it('are few lines, whatever number of releases ran', () => {
    const releases = Array.from({ length: 20 }, (_, release) => ({ release: release + 1, bots: 2 }))
    const { lines } = botsOverTime({ until: at(2), points: [{ at: at(1), releases }] })
    expect(lines.map(({ label }) => label)).to.have.length(6)
    expect(lines.at(-1)?.values).to.deep.equal([30, 30])
  })

  it('is by the minute, whatever time was counted', () => {
    const { lines } = pollsOverTime({
      points: [
        { at: at(1), seconds: 60, polls: 30, loads: 1, transfers: 0 },
        { at: at(3), seconds: 120, polls: 30, loads: 0, transfers: 4 },
      ],
    })
    expect(lines.map(({ values }) => values)).to.deep.equal([
      [30, 15],
      [1, 0],
      [0, 2],
    ])
  })
})

describe('the charts of the dashboard', function () {
  this.timeout(300_000)

  it('are drawn on the pages that have one, from the API, by code that other pages do not load', async function () {
    const browser = await aBrowser(this)
    const { url, request, pollAll, untilRollout } = await aFleetOn(3)
    await request.get(`${PRODUCTION}/series`)
    await request.put(PRODUCTION).send({ release: 2 })
    await untilRollout('done')
    await pollAll(7)
    const page = await aWatchedPage(browser, { tolerates: /ERR_/ })
    const scripts = new Set<string>()
    page.on('request', (sent) => {
      if (sent.resourceType() === 'script') scripts.add(sent.url())
    })
    await page.goto(url)
    await page.getByText('Live', { exact: true }).waitFor()
    const ofOverview = scripts.size
    await page.goto(`${url}/dashboard/models/shop/tags/production`)
    await page.locator('.plot canvas').waitFor()
    await page.getByRole('img', { name: 'Bots by release: 3 bots on release 2' }).waitFor()
    expect(scripts.size).to.be.greaterThan(ofOverview)
    await page.locator('.plot .u-over').hover({ position: { x: 60, y: 60 } })
    await page.getByText(/3 bots on release 1/).waitFor()
    await page.goto(`${url}/dashboard/bots`)
    await page.locator('.plot canvas').waitFor()
    await page.getByRole('img', { name: /^Polls and failures a minute: \d+ polls, 0 failed loads/ }).waitFor()
  })
})
