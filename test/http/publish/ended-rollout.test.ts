import { expect } from 'chai'
import type { KnownPublishedRelease } from '../../../client/api/known-schemas.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { aFleetOn, PRODUCTION, ROLLOUTS, type FleetUnderTest } from '../../support/fleet-under-test.ts'

const CANARY = { steps: [1, '100%'], soak: 600 }

async function warningsOf(publish: FleetUnderTest['publish'], archive: Uint8Array) {
  const published = (await publish(archive, { query: 'tag=production' })) as KnownPublishedRelease
  return published.warnings
}

describe('a publish that ends a rollout of its tag', () => {
  it('says which one it replaced, and why that was paused', async () => {
    const { publish, request, lastRollout } = await aFleetOn(2)
    await request.put(PRODUCTION).send({ release: 2, policy: CANARY })
    const { id } = await lastRollout()
    await request.post(`${ROLLOUTS}/${id}/pause`).send({ reason: 'ask Ana' }).expect(200)
    const warnings = await warningsOf(publish, anArchive())
    expect(warnings).to.deep.equal([
      {
        code: 'rollout-replaced',
        message: 'shop@production: this replaced the rollout of release 2, which was paused (ask Ana)',
      },
    ])
  })

  it('says which one it aborted, by the bytes that were stable', async () => {
    const archive = anArchive()
    const { publish, request, untilRollout } = await aFleetOn(2)
    await warningsOf(publish, archive)
    await untilRollout('done')
    await request.put(PRODUCTION).send({ release: 1, policy: CANARY })
    const warnings = await warningsOf(publish, archive)
    expect(warnings?.map(({ message }) => message)).to.include(
      'shop@production: this aborted the rollout of release 1, which had not ended',
    )
  })

  it('says that it leaves one of the same bytes paused', async () => {
    const archive = anArchive()
    const { publish, request, lastRollout } = await aFleetOn(2)
    await publish(archive)
    await request.put(PRODUCTION).send({ release: 3, policy: CANARY })
    const { id } = await lastRollout()
    await request.post(`${ROLLOUTS}/${id}/pause`).send({ reason: 'ask Ana' }).expect(200)
    const [warning] = (await warningsOf(publish, archive)) ?? []
    expect(warning?.code).to.equal('rollout-paused')
    expect(warning?.message).to.match(/^shop@production: the rollout of release 3 is paused.* \(ask Ana\)$/)
    expect(await lastRollout()).to.include({ id, state: 'paused' })
  })

  it('says nothing where nobody waits for it: all bots were to get its release at once', async () => {
    const { publish, request } = await aFleetOn(2)
    await request.put(PRODUCTION).send({ release: 2 })
    expect((await warningsOf(publish, anArchive())) ?? []).to.deep.equal([])
  })
})
