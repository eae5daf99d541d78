import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { startServer } from '../support/start-server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { PromiseKeeper } from './promise-keeper.ts'

const KILLS = process.env['KILLS']
/** Milliseconds; the short run ends by time, the long one by number. */
const SHORT_RUN = 15_000

describe('a server that is killed again and again', function () {
  this.timeout(KILLS === undefined ? 120_000 : Number(KILLS) * 20_000)

  it(`keeps every promise (${KILLS ?? 'as many as fit into 15 s'}: set KILLS for more)`, async function () {
    const folder = await temporaryDirectory()
    const keeper = new PromiseKeeper()
    const end = performance.now() + SHORT_RUN
    let kills = 0
    // A busy machine starts servers slowly: a run that has shown nothing goes on.
    const isTooLittle = (): boolean => kills < 3 || keeper.acknowledged < 5 || keeper.lost === 0
    while (KILLS === undefined ? performance.now() < end || isTooLittle() : kills < Number(KILLS)) {
      const server = await startServer({ folder })
      await keeper.verify(server.url)
      let isKilled = false
      const busy = async (act: () => Promise<void>): Promise<void> => {
        while (!isKilled) await act()
      }
      const actors = [
        busy(() => keeper.publish(server.url)),
        busy(async () => {
          await keeper.promote(server.url)
          await delay(Math.random() * 20)
        }),
        busy(() => keeper.pull(server.url, 'latest')),
        busy(() => keeper.pull(server.url, 'production')),
      ]
      const working = Promise.all(actors)
      await Promise.race([delay(20 + Math.random() * 600), working])
      server.kill('SIGKILL')
      isKilled = true
      await server.ended
      await working
      kills += 1
    }
    const server = await startServer({ folder })
    await keeper.verify(server.url)
    expect(keeper.acknowledged, 'publishes that were acknowledged').to.be.at.least(5)
    expect(keeper.lost, 'answers that were lost').to.be.greaterThan(0)
    expect(keeper.pulls, 'whole bodies').to.be.greaterThan(0)
    const { acknowledged, lost, pulls } = keeper
    if (this.test)
      this.test.title += ` (${kills} kills, ${acknowledged} publishes acknowledged, ${lost} answers lost, ${pulls} pulls)`
  })
})
