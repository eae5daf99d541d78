import { once } from 'node:events'
import { createConnection } from 'node:net'
import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { shortOrLong } from '../support/long-form.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { publishTo, spawnServer } from '../upkeep/data-server.ts'

/** `rounds` of a stop whose failure was one in ten; `refusals` are lines of a kilobyte, more than any buffer of the system takes. */
const { rounds, refusals } = shortOrLong('stops of a server: 3 and a log of 1 MB instead of 8 and 3 MB', {
  short: { rounds: 3, refusals: 50 },
  long: { rounds: 8, refusals: 150 },
})

const LOUD = { LOG_LEVEL: 'trace' }

async function outcome(child: Awaited<ReturnType<typeof spawnServer>>['child']): Promise<unknown[]> {
  return once(child, 'exit', { signal: AbortSignal.timeout(8_000) })
}

describe('a server that is stopped', function () {
  this.timeout(120_000)

  it('ends with 0 on SIGTERM although the reader of its log has gone', async () => {
    for (let round = 1; round <= rounds; round++) {
      const { url, child } = await spawnServer(await temporaryDirectory(), LOUD)
      await publishTo(url, anArchive(), 'shop', '?tag=production')
      child.stdout.destroy()
      child.kill('SIGTERM')
      expect(await outcome(child), `round ${round}`).to.deep.equal([0, null])
    }
  })

  it('ends with 0 on SIGTERM although nobody reads its log, which is full, and answered until then', async () => {
    const { url, child } = await spawnServer(await temporaryDirectory(), LOUD)
    const headers = { 'Content-Type': 'application/gzip' }
    child.stdout.pause()
    // A refused publish is a line.
    for (let round = 0; round < refusals; round++) {
      const refused = Array.from({ length: 20 }, () =>
        fetch(`${url}/models/${'x'.repeat(60)}?notes=${'n'.repeat(1_000)}`, {
          method: 'POST',
          headers,
          body: 'none',
        }),
      )
      for (const answer of await Promise.all(refused)) {
        await answer.arrayBuffer()
        expect(answer.status).to.equal(415)
      }
    }
    child.kill('SIGTERM')
    expect(await outcome(child)).to.deep.equal([0, null])
  })

  it('ends with 1 at once on a second SIGTERM although the reader of its log has gone', async () => {
    const { url, child } = await spawnServer(await temporaryDirectory(), LOUD)
    await publishTo(url, anArchive({ payloadBytes: 12_000_000 }))
    const slow = createConnection(Number(new URL(url).port), '127.0.0.1')
    slow.on('error', () => undefined)
    slow.pause()
    slow.write('GET /models/shop HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(slow, 'readable')
    child.stdout.destroy()
    child.kill('SIGTERM')
    await eventually('it is stopping', async () => (await fetch(`${url}/readyz`)).status === 503)
    child.kill('SIGTERM')
    const [code, signal] = await outcome(child)
    expect([code, signal]).to.be.deep.oneOf([
      [1, null],
      [null, 'SIGKILL'],
    ])
    slow.destroy()
  })
})
