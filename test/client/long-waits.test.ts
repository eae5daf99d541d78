import { expect } from 'chai'
import { setTimeout as delay } from 'node:timers/promises'
import { pause } from '../../client/timing/pause.ts'
import { anArchive } from '../support/archive-builder.ts'
import { pullerOf } from '../support/client-folder.ts'
import { eventually } from '../support/eventually.ts'
import { lyingServer } from '../support/lying-server.ts'
import { serveArchive } from '../support/serve-archive.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** 35 years in milliseconds: a timer of Node that is given more than 2^31 - 1 fires at once. */
const YEARS = 2 ** 40

describe('a wait that no timer of Node can hold', () => {
  it('does not end at once', async () => {
    const controller = new AbortController()
    let isOver = false
    const pausing = pause(YEARS, controller.signal).then(() => (isOver = true))
    // One that began later, and is longer than what Node makes of a number that is too large: 1 ms.
    await pause(10, controller.signal)
    expect(isOver).to.equal(false)
    controller.abort()
    await pausing
  })

  it('as the idle timeout gives a slow server its time', async () => {
    const archive = anArchive()
    const server = await lyingServer(async (...exchange) => {
      await delay(100)
      serveArchive(archive)(...exchange)
    })
    const event = await pullerOf(server.url, await temporaryDirectory(), { idleTimeout: YEARS }).pull()
    expect(event.event).to.equal('installed')
    expect(server.seen).to.have.length(1)
  })

  it('as the interval of a watch asks no more than once', async () => {
    const server = await lyingServer(serveArchive(anArchive()))
    const { puller } = pullerOf(server.url, await temporaryDirectory(), { interval: YEARS })
    const controller = new AbortController()
    const watching = (async () => {
      for await (const event of puller.watch({ signal: controller.signal }))
        expect(event.event).to.equal('installed')
    })()
    await eventually('the server is asked', () => server.seen.length > 0)
    // One that began later, and rests for longer than what Node makes of a number that is too large.
    const other = await lyingServer(serveArchive(anArchive()))
    const restless = pullerOf(other.url, await temporaryDirectory(), { interval: 10 }).puller
    for await (const event of restless.watch()) {
      expect(event.event).to.be.oneOf(['installed', 'unchanged'])
      if (other.seen.length > 3) break
    }
    controller.abort()
    await watching
    expect(server.seen).to.have.length(1)
  })
})
