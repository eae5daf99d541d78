import { expect } from 'chai'
import { IMMEDIATE } from '../../../protocol/rollout-policy.ts'
import { rolloutPreviewSchema } from '../../../protocol/rollout-preview.ts'
import { rolloutSchema } from '../../../protocol/rollout.ts'
import { eachOf } from './each-of.ts'
import { tagSchema, type TagMove } from '../../../protocol/tag.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { aFleetOn, PRODUCTION, ROLLOUTS, type FleetUnderTest } from '../../support/fleet-under-test.ts'

const CANARY = { steps: [1, '100%'] }

/** A fleet of three on which release 2 is brought out to one of them. */
async function aCanary(policy: object = CANARY): Promise<FleetUnderTest & { id: string }> {
  const fleet = await aFleetOn(3)
  const { status, body } = await fleet.request.put(PRODUCTION).send({ release: 2, policy })
  expect([status, body.release, body.rollout?.state]).to.deep.equal([200, 1, 'running'])
  return { ...fleet, id: body.rollout.id as string }
}

describe('a promotion by a policy', () => {
  it('reaches the bots of the first step, and the others once that has passed', async () => {
    const { bots, digests, pollAll, request, untilRollout } = await aCanary()
    await pollAll(2)
    expect(bots.filter(({ digest }) => digest === digests[2])).to.have.length(1)
    expect((await request.get(PRODUCTION)).body).to.include({ release: 1 })
    const done = await untilRollout('done')
    expect(rolloutSchema.parse(done)).to.deep.equal(done)
    expect(done.counts).to.include({ bots: 3, updated: 3, failing: 0 })
    expect(bots.every(({ digest }) => digest === digests[2])).to.equal(true)
    const { body } = await request.get(PRODUCTION)
    expect([body.release, body.rollout]).to.deep.equal([2, null])
  })

  it('goes back where the first bot cannot load it, and its release needs force from then on', async () => {
    const { bots, digests, request, publish, untilRollout } = await aCanary()
    for (const bot of bots) bot.unloadable.add(digests[2]!)
    const { reason, counts, steps } = await untilRollout('reverted')
    expect(steps.map(({ state, bots }) => [state, bots])).to.deep.equal([
      ['failed', 1],
      ['waiting', 3],
    ])
    expect(reason).to.match(/^1 of 1 bots could not load release 2 \(pod-\d: 3 failed loads\).*back to 1$/)
    expect(counts.bots).to.equal(3)
    expect(bots.filter(({ taken }) => taken > 1)).to.have.length(1)
    const { body: release } = await request.get('/api/v1/models/shop/releases/2')
    expect(release.quarantine.reason).to.equal(reason)
    const { body: list } = await request.get('/api/v1/models/shop/releases')
    expect(eachOf(list, 'quarantine')).to.deep.equal([release.quarantine, null])
    const refused = await request.put(PRODUCTION).send({ release: 2 })
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'release-quarantined'])
    const forced = await request.put(PRODUCTION).send({ release: 2, force: true })
    expect([forced.status, forced.body.release]).to.deep.equal([200, 2])
    expect((await request.get('/api/v1/models/shop/releases/2')).body.quarantine).to.equal(null)
    await publish(anArchive())
  })

  it('may be looked at before: a preview says how many bots each step would have, and changes nothing', async () => {
    const { request, bots, pollAll } = await aFleetOn(4)
    const { status, body } = await request
      .post(`${PRODUCTION}/preview`)
      .send({ release: 2, policy: { steps: [1, '50%', '100%'], soak: 60 } })
    expect(status).to.equal(200)
    expect(rolloutPreviewSchema.parse(body)).to.deep.equal(body)
    expect(body).to.deep.include({ from: 1, to: 2, outcome: 'rollout', replaces: null })
    expect(body.lost).to.deep.equal({ bots: 0, first: [] })
    expect(body.doubtful).to.deep.equal({ bots: 0, first: [] })
    expect(eachOf({ items: body.steps }, 'bots')).to.deep.equal([1, 2, 4])
    expect(body.policy).to.include({ soak: 60, onFail: 'revert' })
    await pollAll(2)
    expect(bots.map(({ taken }) => taken)).to.deep.equal([1, 1, 1, 1])
    expect((await request.get(PRODUCTION)).body.rollout).to.equal(null)
  })
})

describe('a promotion that would begin no rollout', () => {
  const preview = async ({ request }: FleetUnderTest, body: object): Promise<unknown[]> => {
    const answer = await request.post(`${PRODUCTION}/preview`).send(body)
    const { outcome, replaces } = rolloutPreviewSchema.parse(answer.body)
    return [outcome, replaces]
  }

  it('is foreseen as nothing where the tag is there already, as it then is', async () => {
    const fleet = await aFleetOn(2)
    expect(await preview(fleet, { release: 1 })).to.deep.equal(['unchanged', null])
    expect((await fleet.request.put(PRODUCTION).send({ release: 1 })).body.rollout).to.equal(null)
  })

  it('is foreseen as nothing where the same one is under way, and as a rollout where its policy differs', async () => {
    const { id, ...fleet } = await aCanary()
    for (const body of [{ release: 2 }, { release: 2, policy: CANARY }]) {
      expect(await preview(fleet, body)).to.deep.equal(['unchanged', null])
      expect((await fleet.request.put(PRODUCTION).send(body)).body.rollout.id).to.equal(id)
    }
    const other = { release: 2, policy: { steps: [2, '100%'] } }
    expect(await preview(fleet, other)).to.deep.equal(['rollout', id])
    expect((await fleet.request.put(PRODUCTION).send(other)).body.rollout.id).to.not.equal(id)
  })

  it('is foreseen as an abort where the release is what is stable, and a rollback too', async () => {
    const { id, ...fleet } = await aCanary()
    expect(await preview(fleet, { release: 1 })).to.deep.equal(['abort', id])
    expect(await preview(fleet, { rollback: true })).to.deep.equal(['abort', id])
    await fleet.request.put(PRODUCTION).send({ release: 1 })
    expect((await fleet.request.get(`${ROLLOUTS}/${id}`)).body.state).to.be.oneOf(['reverting', 'aborted'])
  })
})

describe('a rollback that somebody thinks about', () => {
  const preview = ({ request }: FleetUnderTest, body: object) =>
    request.post(`${PRODUCTION}/preview`).send(body)

  it('is told with the release that it would take, and changes nothing', async () => {
    const fleet = await aFleetOn(2, {}, 2)
    const { request } = fleet
    await request.put(PRODUCTION).send({ release: 1, policy: { steps: [1, '100%'], soak: 3600 } })
    // During a rollout a rollback is an abort.
    expect((await preview(fleet, { rollback: true })).body).to.include({ to: 2 })
    await request.put(PRODUCTION).send({ release: 3 })
    await fleet.untilRollout('done')
    const { status, body } = await preview(fleet, { rollback: true })
    expect([status, body.from, body.to]).to.deep.equal([200, 3, 2])
    expect((await request.get(PRODUCTION)).body.release).to.equal(3)
    expect((await request.post(`${PRODUCTION}/rollback`)).body.release).to.equal(body.to)
  })

  it('may name its release, and takes no steps there', async () => {
    const fleet = await aFleetOn(2, {}, 2)
    const policy = { steps: [1, '100%'], maxUpdating: 1 }
    await fleet.request.patch(PRODUCTION).send({ policy })
    const { body } = await preview(fleet, { rollback: true, release: 3 })
    expect([body.to, body.steps.length, body.policy.maxUpdating]).to.deep.equal([3, 1, 1])
    const now = await preview(fleet, { rollback: true, release: 3, now: true })
    expect([now.body.steps.length, now.body.policy.maxUpdating]).to.deep.equal([1, null])
  })

  it('is refused where there is nothing to go back to, and where it is not said to be one', async () => {
    const fleet = await aFleetOn(0)
    const nowhere = await preview(fleet, { rollback: true })
    expect([nowhere.status, nowhere.body.code]).to.deep.equal([409, 'nothing-to-roll-back'])
    for (const body of [{}, { now: true }, { release: 1, now: true }]) {
      const refused = await preview(fleet, body)
      expect([refused.status, refused.body.code]).to.deep.equal([400, 'invalid-body'])
    }
  })
})

describe('the history of a tag', () => {
  /** Who moved the tag where, and why, the last move first. */
  async function moves({ request }: FleetUnderTest): Promise<unknown[]> {
    const { body } = await request.get(`${PRODUCTION}/history`)
    return (body.items as TagMove[]).map(({ to, movedBy, reason }) => [to, movedBy, reason])
  }

  it('says of a promotion with steps who promoted and why, and then which step moved the tag', async () => {
    const fleet = await aFleetOn(3)
    const reason = 'passed the smoke test'
    await fleet.request.put(PRODUCTION).send({ release: 2, policy: CANARY, reason })
    const { startedBy, startReason } = await fleet.untilRollout('done')
    expect([startedBy, startReason]).to.deep.equal(['anonymous', reason])
    const [last] = await moves(fleet)
    const why = `promoted by anonymous: ${reason}; 1 bot of step 1 runs release 2`
    expect(last).to.deep.equal([2, 'slipway', why])
  })

  it('says so too where somebody had the last step begin, and of him', async () => {
    const fleet = await aFleetOn(3)
    const reason = 'passed the smoke test'
    const policy = { ...CANARY, soak: 3000 }
    const { body } = await fleet.request.put(PRODUCTION).send({ release: 2, policy, reason })
    await fleet.request.post(`${ROLLOUTS}/${body.rollout.id}/advance`).send({ reason: 'it is late' })
    expect((await moves(fleet))[0]).to.deep.equal([
      2,
      'anonymous',
      `promoted by anonymous: ${reason}; it is late`,
    ])
  })

  it('says of what was taken back in its last step that the server did so, and by which evidence', async () => {
    const fleet = await aFleetOn(3)
    const policy = { ...CANARY, soak: 60 }
    const { body } = await fleet.request.put(PRODUCTION).send({ release: 2, policy, reason: 'hurry' })
    await fleet.request.post(`${ROLLOUTS}/${body.rollout.id}/advance`).send({})
    for (const bot of fleet.bots) bot.unloadable.add(fleet.digests[2]!)
    const { reason } = await fleet.untilRollout('reverted')
    const [back, there] = await moves(fleet)
    expect(back).to.deep.equal([1, 'slipway', reason])
    expect(there).to.deep.equal([
      2,
      'anonymous',
      'promoted by anonymous: hurry; step 1 was passed by anonymous',
    ])
  })

  it('keeps the evidence whole, and within what a reason may be, after the longest reason of a person', async () => {
    const fleet = await aFleetOn(3)
    const reason = '😀'.repeat(500)
    await fleet.request.put(PRODUCTION).send({ release: 2, policy: CANARY, reason })
    await fleet.untilRollout('done')
    const { body } = await fleet.request.get(PRODUCTION)
    expect(tagSchema.parse(body)).to.deep.equal(body)
    expect(body.reason).to.match(/^promoted by anonymous: 😀+…; 1 bot of step 1 runs release 2$/u)
  })
})

describe('the policy of a tag', () => {
  it('is what PATCH says, with defaults for the rest, and null resets it', async () => {
    const { request } = await aFleetOn(1)
    const set = await request.patch(PRODUCTION).send({ policy: { maxUpdating: 1, drain: 30 } })
    expect(set.status).to.equal(200)
    expect(tagSchema.parse(set.body)).to.deep.equal(set.body)
    expect(set.body.policy).to.deep.equal({ ...IMMEDIATE, maxUpdating: 1, drain: 30 })
    expect((await request.get(PRODUCTION)).body.policy).to.deep.equal(set.body.policy)
    const reset = await request.patch(PRODUCTION).send({ policy: null })
    expect(reset.body.policy).to.deep.equal(IMMEDIATE)
  })

  it('brings out each promotion, of which one may alter it', async () => {
    const { request, lastRollout } = await aFleetOn(2)
    await request.patch(PRODUCTION).send({ policy: { ...CANARY, soak: 600 } })
    await request.put(PRODUCTION).send({ release: 2, policy: { soak: 0 } })
    expect((await lastRollout()).policy).to.deep.equal({ ...IMMEDIATE, ...CANARY })
    expect((await request.get(PRODUCTION)).body.policy).to.include({ soak: 600 })
  })

  const impossible: Record<string, [policy: unknown, field: string]> = {
    'steps that fall': [{ steps: ['50%', '25%', '100%'] }, 'steps.1'],
    'steps that end early': [{ steps: [1, '50%'] }, 'steps.1'],
    'a share over 100 %': [{ steps: ['101%', '100%'] }, 'steps.0'],
    'no share': [{ steps: [1, 'all'] }, 'steps.1'],
    'no steps': [{ steps: [] }, 'steps'],
    'a soak beyond the deadline': [{ soak: 7200, deadline: 3600 }, 'soak'],
    'a drain without maxUpdating': [{ drain: 30 }, 'drain'],
    'a probe of a host that is not allowed': [{ probes: [{ url: 'http://10.0.0.1/' }] }, 'probes.0.url'],
    'an unknown field': [{ stepz: [1] }, 'stepz'],
    'a field __proto__': [JSON.parse('{"__proto__":{"soak":600}}'), '__proto__'],
    'a text for a number': [{ soak: 'long' }, 'soak'],
    'tolerance of every bot': [{ tolerate: '100%' }, 'tolerate'],
    'no attempts': [{ attempts: 0 }, 'attempts'],
  }
  it('is refused where it cannot work, with the field, and nothing has changed', async () => {
    const { request } = await aFleetOn(1)
    for (const [what, [policy, field]] of Object.entries(impossible)) {
      const patched = await request.patch(PRODUCTION).send({ policy })
      expect([what, patched.status, patched.body.code, patched.body.field]).to.deep.equal([
        what,
        422,
        'policy-invalid',
        field,
      ])
      const promoted = await request.put(PRODUCTION).send({ release: 2, policy })
      expect([what, promoted.status, promoted.body.field]).to.deep.equal([what, 422, field])
      const previewed = await request.post(`${PRODUCTION}/preview`).send({ release: 2, policy })
      expect([what, previewed.status, previewed.body.field]).to.deep.equal([what, 422, field])
    }
    const { body } = await request.get(PRODUCTION)
    expect([body.release, body.policy, body.rollout]).to.deep.equal([1, IMMEDIATE, null])
  })

  it('is refused in a body that is no change of a tag, and never with a 500', async () => {
    const { request } = await aFleetOn(1)
    const bodies = [
      '{',
      '[]',
      'null',
      '{}',
      '{"policy":7}',
      '{"policy":[]}',
      '{"policy":null,"x":1}',
      '{"policy":"x"}',
    ]
    for (const address of [PRODUCTION, `${PRODUCTION}/preview`]) {
      for (const body of bodies) {
        const send = address === PRODUCTION ? request.patch(address) : request.post(address)
        const { status } = await send.set('Content-Type', 'application/json').send(body)
        expect(status, `${address} ${body}`).to.equal(400)
      }
    }
    const missing = await request.patch('/api/v1/models/shop/tags/nowhere').send({ policy: null })
    expect([missing.status, missing.body.code]).to.deep.equal([404, 'tag-not-found'])
  })

  it('is changed by one of two people who change it at the same time; the other hears 412', async () => {
    const { request } = await aFleetOn(1)
    const { etag = '' } = (await request.get(PRODUCTION)).headers as { etag?: string }
    const change = (soak: number) =>
      request.patch(PRODUCTION).set('If-Match', etag).send({ policy: { soak } })
    const [one, other] = [await change(60), await change(90)]
    expect([one.status, other.status, other.body.code]).to.deep.equal([200, 412, 'precondition-failed'])
    expect((await request.get(PRODUCTION)).body.policy.soak).to.equal(60)
    const next = await request
      .patch(PRODUCTION)
      .set('If-Match', one.headers['etag'] as string)
      .send({ policy: { soak: 90 } })
    expect([next.status, next.body.policy.soak]).to.deep.equal([200, 90])
  })

  it('may change without breaking a compare-and-set of where the tag points', async () => {
    const { request } = await aFleetOn(1)
    const before = await request.get(PRODUCTION)
    const { etag = '' } = before.headers as { etag?: string }
    const patched = await request.patch(PRODUCTION).set('If-Match', etag).send({ policy: CANARY })
    expect(patched.status).to.equal(200)
    expect(patched.headers['etag']).not.to.equal(etag)
    expect((await request.get(PRODUCTION).set('If-None-Match', etag)).status).to.equal(200)
    const promoted = await request.put(PRODUCTION).set('If-Match', etag).send({ release: 2 })
    expect([promoted.status, promoted.body.rollout.to]).to.deep.equal([200, 2])
    const aborted = await request.post(`${ROLLOUTS}/${promoted.body.rollout.id}/abort`)
    expect(aborted.status).to.equal(200)
    expect(
      (await request.patch(PRODUCTION).set('If-Match', '"other"').send({ policy: null })).status,
    ).to.equal(412)
  })
})

describe('steering a rollout', () => {
  it('pauses it, and goes on', async () => {
    const { bots, digests, id, pollAll, request, untilRollout } = await aCanary()
    const paused = await request.post(`${ROLLOUTS}/${id}/pause`).send({ reason: 'lunch' })
    expect([paused.status, paused.body.state, paused.body.reason]).to.deep.equal([200, 'paused', 'lunch'])
    expect(rolloutSchema.parse(paused.body)).to.deep.equal(paused.body)
    await pollAll(3)
    expect(bots.some(({ digest }) => digest === digests[2])).to.equal(false)
    expect((await request.post(`${ROLLOUTS}/${id}/resume`)).body.state).to.equal('running')
    expect((await untilRollout('done')).id).to.equal(id)
  })

  it('passes a step, and takes it back from every bot', async () => {
    const { bots, digests, id, pollAll, request, untilRollout } = await aCanary()
    const advanced = await request.post(`${ROLLOUTS}/${id}/advance`)
    expect(advanced.body).to.include({ state: 'running', step: 1 })
    await pollAll()
    const aborted = await request.post(`${ROLLOUTS}/${id}/abort`).send({ now: true, reason: 'smells' })
    expect(aborted.body).to.include({ state: 'reverting', reason: 'smells' })
    await untilRollout('aborted')
    expect(bots.every(({ digest }) => digest === digests[1])).to.equal(true)
    expect((await request.get('/api/v1/models/shop/releases/2')).body.quarantine).to.equal(null)
  })

  it('passes no step but the one that is meant: one that has ended by itself meanwhile is 409', async () => {
    const { request, id, untilRollout } = await aCanary({ steps: [1, 2, '100%'], soak: 3600 })
    const advance = `${ROLLOUTS}/${id}/advance`
    expect((await request.post(advance).send({ step: 0 })).body).to.include({ state: 'running', step: 1 })
    await untilRollout('running', 1)
    for (const command of ['advance', 'retry']) {
      const { status, body } = await request.post(`${ROLLOUTS}/${id}/${command}`).send({ step: 0 })
      expect([status, body.code]).to.deep.equal([409, 'rollout-state'])
      expect(body.detail).to.include('step 2 is under way, and step 1 was meant')
    }
    expect((await request.get(`${ROLLOUTS}/${id}`)).body).to.include({ state: 'running', step: 1 })
  })

  it('tries it again after failures', async () => {
    const { bots, digests, id, request, untilRollout } = await aCanary({ ...CANARY, onFail: 'pause' })
    for (const bot of bots) bot.unloadable.add(digests[2]!)
    expect((await untilRollout('paused')).steps[0]?.state).to.equal('failed')
    for (const bot of bots) bot.unloadable.clear()
    expect((await request.post(`${ROLLOUTS}/${id}/retry`)).body.state).to.equal('running')
    expect((await untilRollout('done')).counts.updated).to.equal(3)
  })

  it('says, where the rollout has ended, how a bot that was left alone tries the release again', async () => {
    const fleet = await aFleetOn(1)
    const { bots, digests, request, untilRollout } = fleet
    bots[0]!.unloadable.add(digests[2]!)
    await request.put(PRODUCTION).send({ release: 2 })
    const { id } = await untilRollout('done')
    bots[0]!.unloadable.clear()
    const { status, body } = await request.post(`${ROLLOUTS}/${id}/retry`)
    expect([status, body.code]).to.deep.equal([409, 'rollout-state'])
    expect(body.detail).to.include(
      'slipway rollback shop@production 1 --wait, then slipway promote shop@production 2',
    )
    await request.post(`${PRODUCTION}/rollback`).send({ release: 1 })
    await untilRollout('done')
    await request.put(PRODUCTION).send({ release: 2 })
    await untilRollout('done')
    expect(bots[0]!.digest).to.equal(digests[2])
  })

  it('names a rollback where the rollout of `latest` has ended, which nobody can promote', async () => {
    const { bots, digests, request, untilRollout } = await aCanary()
    for (const bot of bots) bot.unloadable.add(digests[2]!)
    await untilRollout('reverted')
    const { body: page } = await request.get(`${ROLLOUTS}?tag=latest&limit=1`)
    const [{ id, state }] = (page as { items: { id: string; state: string }[] }).items as [
      { id: string; state: string },
    ]
    expect(state).to.equal('aborted')
    const { body } = await request.post(`${ROLLOUTS}/${id}/retry`)
    expect(body.detail).to.include('slipway rollback shop@latest 2')
  })

  it('is refused where its state does not allow it: 409, and nothing has changed', async () => {
    const { id, request, untilRollout } = await aCanary()
    const refused = await request.post(`${ROLLOUTS}/${id}/resume`)
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'rollout-state'])
    expect(refused.body.detail).to.contain('it is running already, and takes pause, advance, abort or retry')
    await untilRollout('done')
    for (const command of ['pause', 'resume', 'advance', 'abort', 'retry']) {
      const { status, body } = await request.post(`${ROLLOUTS}/${id}/${command}`)
      expect([command, status, body.code]).to.deep.equal([command, 409, 'rollout-state'])
    }
  })

  it('is 404 for a rollout that is not there, and 400 for a body that is none', async () => {
    const { id, request } = await aCanary()
    for (const other of ['999', '0', 'x', '1e3', '-1', '%00']) {
      const { status, body } = await request.post(`${ROLLOUTS}/${other}/abort`)
      expect([other, status, body.code]).to.deep.equal([other, 404, 'rollout-not-found'])
    }
    for (const body of ['[]', '{', '{"now":true}', '{"reason":7}', '"x"', '{"why":"x"}']) {
      const send = request.post(`${ROLLOUTS}/${id}/pause`).set('Content-Type', 'application/json')
      const answer = await send.send(body)
      expect([body, answer.status, answer.body.code]).to.deep.equal([body, 400, 'invalid-body'])
    }
  })
})

describe('the list of rollouts', () => {
  it('has the last begun first, without the names of bots, page by page', async () => {
    const { request, untilRollout } = await aCanary()
    await untilRollout('done')
    await request.post(`${PRODUCTION}/rollback`)
    const { body } = await request.get(`${ROLLOUTS}?tag=production`)
    expect(eachOf(body, 'to')).to.deep.equal([1, 2, 1])
    expect(body.items[1].steps[0]).not.to.have.property('members')
    expect(body.items[1].counts).to.include({ bots: 3, updated: 3 })
    const first = await request.get(`${ROLLOUTS}?limit=1`)
    const second = await request.get(`${ROLLOUTS}?limit=1&cursor=${first.body.next}`)
    expect(second.body.items).to.deep.equal([body.items[1]])
  })
})
