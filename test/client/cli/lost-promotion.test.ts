import { expect } from 'chai'
import type { Fault } from '../../support/fault-proxy.ts'
import { aLostAnswer, lastRollout, MODEL, releaseAt, TAG } from './a-lost-answer.ts'

const POLICY = { steps: [1, '100%'], soak: 9 }
const LOST: Fault = { kind: 'lose-answer', to: 'PUT /api' }
const NEVER_SENT: Fault = { kind: 'lose', text: 'PUT /api' }

/** A promotion of release 3, with such a fault, whose canary is under way already. */
async function aRepeatedPromotion(fault: Fault) {
  const server = await aLostAnswer(fault)
  const { request, run } = server
  await request.put(TAG).send({ release: 3, policy: POLICY }).expect(200)
  const { id } = await lastRollout(request)
  const steer = (name: string) => request.post(`${MODEL}/rollouts/${id}/${name}`).send({})
  const promote = (meanwhile: () => unknown, ...options: string[]) =>
    run(['promote', 'shop@production', '3', ...options], meanwhile)
  return { ...server, id, steer, promote }
}

describe('a promotion of what is under way already, whose answer is lost', function () {
  this.timeout(60_000)

  for (const [how, fault, options] of [
    ['done', LOST, []],
    ['never arrived', NEVER_SENT, []],
    ['never arrived, with steps', NEVER_SENT, ['--steps', '1,100%']],
  ] as const) {
    it(`does not bring again what somebody has aborted since: ${how}`, async () => {
      const { request, id, steer, promote } = await aRepeatedPromotion(fault)
      const { code, error } = await promote(() => steer('abort').expect(200), ...options)
      expect(code, error).to.equal(10)
      expect(error)
        .to.include('shop@production had its rollout taken back since this was sent')
        .and.to.include('may have been done all the same')
      expect(await releaseAt(request, 'production')).to.equal(2)
      expect((await lastRollout(request)).id).to.equal(id)
    })
  }

  it('is not said to be done where somebody has paused it since', async () => {
    const { id, request, steer, promote } = await aRepeatedPromotion(NEVER_SENT)
    const { code, error } = await promote(() => steer('pause').expect(200), '--steps', '1,100%')
    expect(code, error).to.equal(10)
    expect(error).to.include('shop@production had its rollout paused since this was sent')
    expect(await lastRollout(request)).to.include({ id, state: 'paused' })
  })

  it('is done where the rollout only went on', async () => {
    const { id, request, steer, promote } = await aRepeatedPromotion(LOST)
    await steer('pause').expect(200)
    const { code, error } = await promote(() => steer('resume').expect(200))
    expect(code, error).to.equal(0)
    expect((await lastRollout(request)).id).to.equal(id)
  })
})
