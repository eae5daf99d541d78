import { rm } from 'node:fs/promises'
import { expect } from 'chai'
import type { TagMove } from '../../../protocol/tag.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { PollingBot } from '../../support/polling-bot.ts'
import { aServer } from '../../support/server-under-test.ts'

const LATEST = '/api/v1/models/shop/tags/latest'

/** A release that two bots of `latest`, which run the one before, cannot load. @param isGone Whether the archive of the one before is gone. */
async function aBadPublish({ isGone = false } = {}) {
  const server = await aServer()
  const { blobFile, clock, judge, publish, request, url } = server
  const good = await publish(anArchive(), { model: 'shop' })
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
  if (isGone) await rm(blobFile(good.digest))
  const latest = async () => (await request.get(LATEST)).body as LatestTag
  await eventually('latest goes back, or waits for a person', async () => {
    await pollAll()
    const { release, rollout } = await latest()
    return isGone ? rollout?.state === 'paused' : release === 1 && rollout === null
  })
  return { ...server, bad, bots, latest, digest }
}

interface LatestTag {
  release: number
  rollout: { id: string; state: string } | null
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

  it('stays with bots, and a person is told, where the archive of the release before is gone', async () => {
    const { latest, request } = await aBadPublish({ isGone: true })
    const { release, rollout } = await latest()
    expect(release).to.equal(2)
    const { body } = await request.get(`/api/v1/models/shop/rollouts/${rollout?.id ?? ''}`)
    expect(body.reason).to.match(/: paused, as the archive of release 1 is damaged or missing$/)
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
