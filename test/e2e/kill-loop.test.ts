import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { eventually } from '../support/eventually.ts'
import { shortOrLong } from '../support/long-form.ts'
import { startServer } from '../support/start-server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { PromiseKeeper } from './promise-keeper.ts'

const KILLS = Number(
  process.env['KILLS'] ??
    shortOrLong('a server that is killed again and again: 5 kills instead of 25', { short: 5, long: 25 }),
)

describe('a server that is killed again and again', function () {
  this.timeout(600_000 + KILLS * 60_000)

  it(`keeps every promise (${KILLS} times: set KILLS for more)`, async function () {
    const folder = await temporaryDirectory()
    const keeper = new PromiseKeeper()
    let kills = 0
    // A run that has shown nothing goes on.
    const isTooLittle = (): boolean => keeper.acknowledged < 5 || keeper.lost === 0
    while (kills < KILLS || isTooLittle()) {
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
      // Among what it does, however slowly it does it: after none to three publishes more.
      const enough = keeper.acknowledged + Math.floor(Math.random() * 4)
      const isBusy = eventually('it publishes', () => keeper.acknowledged >= enough, 300_000)
      await Promise.race([isBusy.then(() => delay(Math.random() * 200)), working])
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
