import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { expect } from 'chai'
import type { Bot } from '../../protocol/bot.ts'
import type { RolloutSummary } from '../../protocol/rollout.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { FaultyGroup } from '../support/faulty-group.ts'
import { listAll } from '../support/history/list-all.ts'
import { sendOnce } from '../support/kills/single-request.ts'
import { PollingBot } from '../support/polling-bot.ts'
import type { RunningServer } from '../support/start-server.ts'

const DEADLINE = 120_000
const MODEL = '/api/v1/models/shop'

/** More than the sockets on the way hold. */
const LARGE = 20_000_000

describe('a bot that is being sent a release by a server of a group that is killed', function () {
  this.timeout(240_000)

  it('is sent it by another one at once, keeps its place until then, and the rollout goes on', async function () {
    // Made before: the wires of the servers go through this process, and have to wait meanwhile.
    const archives = [anArchive({ payloadBytes: 1_000 }), anArchive({ payloadBytes: LARGE })] as const
    const group = await FaultyGroup.start(this, { servers: 2 })
    const [killed, other] = group.members.map(({ running }) => running) as [RunningServer, RunningServer]
    const publish = async (body: Buffer, query = '') => {
      const { status, body: said } = await sendOnce(other.url, {
        method: 'POST',
        path: `/models/shop${query}`,
        body,
      })
      expect(status, JSON.stringify(said)).to.equal(201)
    }
    await publish(archives[0], '?tag=production')
    let at = other.url
    const bots = ['pod-1', 'pod-2'].map((name) => new PollingBot(() => `${at}/models/shop@production`, name))
    const [first, second] = bots as [PollingBot, PollingBot]
    for (const url of [killed.url, other.url]) {
      at = url
      for (const bot of bots)
        await eventually(
          `${bot.name} runs it`,
          async () => (await bot.poll().catch(() => 0)) === 304,
          DEADLINE,
        )
    }
    await publish(archives[1])
    const body = { release: 2, policy: { maxUpdating: 1 } }
    const begun = await sendOnce(other.url, { method: 'PUT', path: `${MODEL}/tags/production`, body })
    expect(begun.status, JSON.stringify(begun.body)).to.equal(200)

    const sending = await eventually('it is sent', () => beginPoll(killed.url, first), DEADLINE)
    expect(await second.poll(), 'its place is taken').to.equal(304)
    killed.kill('SIGKILL')
    await killed.ended
    expect(sending.complete).to.equal(false)
    sending.destroy()

    expect(await second.poll(), 'it keeps its place').to.equal(304)
    expect(await first.poll(), 'it is sent once more').to.equal(200)
    expect(await second.poll(), 'it may be loading').to.equal(304)
    expect(await first.poll(), 'it runs it').to.equal(304)
    await eventually('the next one is sent it', async () => (await second.poll()) === 200, DEADLINE)
    expect(await second.poll()).to.equal(304)
    expect(bots.map(({ taken }) => taken)).to.deep.equal([2, 2])
    const isDone = async () => {
      const [last] = (await listAll<RolloutSummary>(`${other.url}${MODEL}/rollouts`)).filter(
        ({ tag }) => tag === 'production',
      )
      return last?.state === 'done'
    }
    await eventually('the rollout is done', isDone, DEADLINE)
    const known = await listAll<Bot>(`${other.url}/api/v1/bots`)
    expect(known.map(({ state, release, failures }) => [state, release, failures])).to.deep.equal([
      ['running', 2, null],
      ['running', 2, null],
    ])
  })
})

/** Polls as a bot does, and reads nothing of what it is sent; undefined where it is sent nothing. */
async function beginPoll(url: string, { name, tag }: PollingBot): Promise<IncomingMessage | undefined> {
  const poll = request(`${url}/models/shop@production?instance=${name}`, {
    headers: { 'If-None-Match': tag },
    agent: false,
  })
  poll.end()
  const [answer] = (await once(poll, 'response')) as [IncomingMessage]
  answer.on('error', () => undefined)
  if (answer.statusCode === 200) return answer
  answer.resume()
  return undefined
}
