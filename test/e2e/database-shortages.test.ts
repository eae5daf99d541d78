import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { FaultyGroup, takesWrites, untilWritable, type FaultyMember } from '../support/faulty-group.ts'
import { PollingBot } from '../support/polling-bot.ts'
import { connectionsUntilFull } from '../support/services/connections-until-full.ts'
import { afterThisTest, onceForSuite } from '../support/temporary-directory.ts'

const DEADLINE = 120_000

describe('servers over one Postgres and one bucket', function () {
  this.timeout(600_000)
  // Few connections, as a test takes them all.
  const group = onceForSuite((context) => FaultyGroup.start(context, { servers: 2, connections: 60 }))

  const status = async (url: string, init: RequestInit = {}): Promise<number> => {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(60_000) })
    await answer.arrayBuffer()
    return answer.status
  }
  const publish = (url: string, model: string) =>
    status(`${url}/models/${model}?tag=production`, { method: 'POST', body: Uint8Array.from(anArchive()) })

  it('go on with pulls while one of them is cut off from the database, which sends no bot what may be old', async () => {
    const { members } = group()
    const [cutOff, other] = members as [FaultyMember, FaultyMember]
    const at = cutOff.running.url
    expect(await publish(other.running.url, 'cut')).to.equal(201)
    const address = `${at}/models/cut@production`
    const early = new PollingBot(address, 'pod-1')
    await eventually('it knows', async () => (await early.poll()) === 200, DEADLINE)
    afterThisTest(() => {
      cutOff.database.heal()
    })
    cutOff.database.inject({ kind: 'refuse' })
    expect(await publish(other.running.url, 'cut')).to.equal(201)
    const late = new PollingBot(`${other.running.url}/models/cut@production`, 'pod-2')
    expect(await late.poll()).to.equal(200)
    await eventually('it refuses changes', async () => (await publish(at, 'cut')) === 503, DEADLINE)
    await eventually('it is stale', async () => (await takesWrites(cutOff)) === false, DEADLINE)
    // In sync by what it knows, as it cannot know better; it was sent another archive elsewhere; it starts.
    const asLate = { headers: { 'If-None-Match': late.tag } }
    const isRefused = async () => (await status(`${address}?instance=pod-2`, asLate)) === 503
    await eventually('it sends nothing old', isRefused, DEADLINE)
    expect(await early.poll()).to.equal(304)
    expect(await new PollingBot(address, 'pod-3').poll()).to.equal(200)
    expect((await fetch(`${at}/readyz`)).status).to.equal(200)
    expect(await publish(other.running.url, 'cut')).to.equal(201)
    cutOff.database.heal()
    await untilWritable(cutOff)
    await eventually('it publishes', async () => (await publish(at, 'cut')) === 201, DEADLINE)
    await eventually('the bot gets the last one', async () => (await early.poll()) === 200, DEADLINE)
  })

  it('answer every pull while the database has no connection left, refuse changes in words, and go on by themselves', async () => {
    const { members, postgres, urls } = group()
    const model = 'full'
    expect(await publish(urls[0]!, model)).to.equal(201)
    const bots = urls.map((url, index) => new PollingBot(`${url}/models/${model}@production`, `pod-${index}`))
    for (const bot of bots) await eventually('it is sent', async () => (await bot.poll()) === 200, DEADLINE)
    const giveBack = await connectionsUntilFull(postgres.url)
    try {
      for (const url of urls) {
        const refuses = async () => {
          const body = Uint8Array.from(anArchive())
          const answer = await fetch(`${url}/models/${model}`, { method: 'POST', body })
          const { code = 'none' } = (await answer.json()) as { code?: string }
          expect([answer.status, code]).to.be.deep.oneOf([
            [201, 'none'],
            [200, 'none'],
            [503, 'catalog-unavailable'],
          ])
          return answer.status === 503
        }
        await eventually('it refuses changes', refuses, DEADLINE)
      }
      for (const bot of bots) expect(await bot.poll()).to.equal(304)
      for (const url of urls) {
        expect(await new PollingBot(`${url}/models/${model}@production`, 'pod-9').poll()).to.equal(200)
      }
    } finally {
      await giveBack()
    }
    for (const member of members) {
      const { url } = member.running
      await untilWritable(member)
      await eventually('it publishes', async () => (await publish(url, model)) === 201, DEADLINE)
    }
  })
})
