import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import type { Rollout } from '../../protocol/rollout.ts'
import { anArchive } from '../support/archive-builder.ts'
import { aBrowser } from '../support/browser.ts'
import { PRODUCTION, ROLLOUTS } from '../support/fleet-under-test.ts'
import { PollingBot } from '../support/polling-bot.ts'
import { startServer, type RunningServer } from '../support/start-server.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { aWatchedPage } from '../support/watched-page.ts'

/** What a browser says where the server is away, which the page says in its own words. */
const AWAY = /ERR_(CONNECTION|INCOMPLETE|EMPTY)/

async function send<Body>(url: string, init: RequestInit = {}): Promise<Body> {
  const response = await fetch(url, init)
  const text = await response.text()
  if (!response.ok) throw new Error(`${url} was answered ${response.status}: ${text}`)
  return JSON.parse(text) as Body
}

/** Three bots that run release 1 of two, and a rollout of release 2 to one of them, then to all. */
async function beginCanary({ url }: RunningServer): Promise<{ bots: PollingBot[]; id: number }> {
  for (const query of ['?tag=production', ''])
    await send(`${url}/models/shop${query}`, { method: 'POST', body: Buffer.from(anArchive()) })
  const bots = [1, 2, 3].map((number) => new PollingBot(`${url}/models/shop@production`, `pod-${number}`))
  for (let turn = 0; turn < 3; turn++) for (const bot of bots) await bot.poll()
  await send(`${url}${PRODUCTION}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ release: 2, policy: { steps: [1, '100%'] } }),
  })
  const { items } = await send<{ items: Rollout[] }>(`${url}${ROLLOUTS}?tag=production`)
  return { bots, id: Number(items[0]?.id) }
}

/** Has bots poll again and again, whether they are answered or not, until the test is over. */
function keepPolling(bots: readonly PollingBot[]): void {
  const ending = new AbortController()
  const poll = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await Promise.allSettled(bots.map((bot) => bot.poll()))
      await delay(250)
    }
  }
  const polling = poll()
  afterThisTest(async () => {
    ending.abort()
    await polling
  })
}

describe('the page of a rollout, over a server that is killed', function () {
  this.timeout(300_000)

  it('says that it is not live, comes back by itself, and shows the canary go on until it is done', async function () {
    const browser = await aBrowser(this)
    const server = await startServer()
    const { bots, id } = await beginCanary(server)
    const page = await aWatchedPage(browser, { tolerates: AWAY })
    await page.goto(`${server.url}/dashboard/models/shop/rollouts/${id}`)
    await page.getByText('Live', { exact: true }).waitFor()
    // One was sent release 2, and nothing says yet that it runs it: the first step cannot end before the kill.
    const statuses: number[] = []
    for (const bot of bots) statuses.push(await bot.poll())
    expect(statuses.toSorted()).to.deep.equal([200, 304, 304])
    await page.evaluate('window.isAsItWasLoaded = true')

    server.kill('SIGKILL')
    await server.ended
    keepPolling(bots)
    await page.getByText(/^Not live since \d\d:\d\d:\d\d; trying again/).waitFor()
    await page.getByText(/^In step 1 of 2, begun/).waitFor()

    const again = await startServer({ folder: server.folder, env: { PORT: String(server.port) } })
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByText(/^Done, begun/).waitFor()
    await page.getByText('3 of 3 bots run release 2.', { exact: true }).waitFor()
    expect(await page.getByRole('cell', { name: 'passed', exact: true }).count()).to.equal(2)
    expect(await page.evaluate('window.isAsItWasLoaded')).to.equal(true)
    expect((await send<Rollout>(`${again.url}${ROLLOUTS}/${id}`)).state).to.equal('done')
    expect(bots.map(({ taken }) => taken)).to.deep.equal([2, 2, 2])
  })
})
