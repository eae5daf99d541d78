import { expect } from 'chai'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { anArchive } from '../../support/archive-builder.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { shortOrLong } from '../../support/long-form.ts'
import { afterThisTest, temporaryDirectory } from '../../support/temporary-directory.ts'
import { aBucket, storageIn, type Cloud } from './cloud.ts'
import { startServer } from './composed-server.ts'

const MB = 1_000_000

/** What a publish hears where the store takes nothing any more and says nothing; in the long form with the times of a real server. */
export function describeStallingStore(cloudOf: () => Cloud): void {
  describe('as a store that stalls', function () {
    this.timeout(180_000)

    it('has every publish answered with 503 some time after it took something last: 30 s', async () => {
      const { timings, soonest } = shortOrLong(
        'publishes to a store that stalls: given up after seconds, and not after the 30 s of a real server',
        { short: { timings: 'short', soonest: 1 }, long: { timings: 'real', soonest: 20 } } as const,
      )
      const cloud = cloudOf()
      const proxy = await startFaultProxy(cloud.port)
      afterThisTest(proxy.stop)
      const env = storageIn(cloud, await aBucket(cloud), proxy.port)
      const server = await startServer(await temporaryDirectory(), env, timings)
      await server.release(anArchive())

      // More parts than there is memory for: some publishes wait for it.
      const archives = [1, 20, 20, 20, 20].map((size) => anArchive({ payloadBytes: size * MB }))
      proxy.inject({ kind: 'stall', direction: 'up', afterBytes: 100_000 })
      const publishes = await Promise.all(
        archives.map((archive, index) => publish(`${server.url}/models/model-${index}`, archive)),
      )
      const [firstSentAt, lastSentAt] = [Math.min, Math.max].map((choose) =>
        choose(...publishes.map(({ sentAt }) => sentAt)),
      ) as [number, number]
      for (const { answeredAt, status, body } of publishes) {
        expect(status).to.equal(503)
        expect(JSON.parse(body)).to.include({ code: 'storage-unavailable' })
        // The store takes nothing more of any of them when the first is sent, or soon after.
        expect((answeredAt - firstSentAt) / 1000).to.be.at.least(soonest)
        // Those that waited for memory begin when the first are given up, and the buffers on the way take a little of them:
        // some 60 s, and as long again for a machine that has much else to do.
        expect((answeredAt - lastSentAt) / 1000).to.be.at.most(120)
      }
      proxy.heal()
    })
  })
}

/** Sends an archive; when the last of it was sent, and when the answer came, as `performance.now()` counts. */
async function publish(
  url: string,
  archive: Buffer,
): Promise<{ sentAt: number; answeredAt: number; status: number | undefined; body: string }> {
  const sending = request(url, { method: 'POST' })
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>
  sending.end(archive)
  await once(sending, 'finish')
  const sentAt = performance.now()
  const [answer] = await answered
  const answeredAt = performance.now()
  return { sentAt, answeredAt, status: answer.statusCode, body: await text(answer) }
}
