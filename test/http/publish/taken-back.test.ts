import { expect } from 'chai'
import type { TagMove } from '../../../protocol/tag.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { PollingBot } from '../../support/polling-bot.ts'
import { aServer } from '../../support/server-under-test.ts'

const LATEST = '/api/v1/models/shop/tags/latest'

/** A release that two bots of `latest`, which run the one before, cannot load. */
async function aBadPublish() {
  const server = await aServer()
  const { clock, judge, publish, request, url } = server
  await publish(anArchive(), { model: 'shop' })
  const bots = ['pod-1', 'pod-2'].map((name) => new PollingBot(`${url}/models/shop`, name))
  const pollAll = async (): Promise<void> => {
    clock.advance(10_000)
    for (const bot of bots) await bot.poll()
    await judge.judgeAll()
  }
  for (let round = 0; round < 3; round++) await pollAll()
  const bad = anArchive()
  const { digest } = await publish(bad, { model: 'shop' })
  for (const bot of bots) bot.unloadable.add(digest)
  const latest = async () => (await request.get(LATEST)).body as { release: number; rollout: unknown }
  await eventually('latest goes back', async () => {
    await pollAll()
    const { release, rollout } = await latest()
    return release === 1 && rollout === null
  })
  return { ...server, bad, bots, latest, digest }
}

describe('a release that no bot of latest can load', () => {
  it('has latest go back, which its history tells with the evidence', async () => {
    const { bots, digest, request } = await aBadPublish()
    expect(bots.some((bot) => bot.digest === digest)).to.equal(false)
    const { body } = await request.get(`${LATEST}/history`)
    const [last] = body.items as TagMove[]
    expect(last).to.include({ from: 2, to: 1, movedBy: 'slipway' })
    expect(last?.reason).to.match(/^2 of 2 bots could not load release 2 \(pod-1: .*, 0 run it: back to 1$/)
  })

  it('stays in quarantine by its bytes: published again they do not move latest, unless they are forced', async () => {
    const { bad, latest, request } = await aBadPublish()
    const publishBad = (query: string) =>
      request.post(`/models/shop${query}`).set('Content-Type', 'application/gzip').send(bad)
    const again = await publishBad('')
    expect(again.status).to.be.oneOf([200, 201])
    const { warnings } = again.body as { warnings: { code: string }[] }
    expect(warnings.map(({ code }) => code)).to.include('release-quarantined')
    expect((await latest()).release).to.equal(1)
    const forced = await publishBad('?force=true')
    expect(forced.status).to.be.oneOf([200, 201])
    expect((await latest()).release).to.equal(forced.body.number)
  })
})
