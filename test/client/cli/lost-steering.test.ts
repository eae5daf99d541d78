import { expect } from 'chai'
import type { Fault } from '../../support/fault-proxy.ts'
import { aLostAnswer, lastRollout, MODEL, pageOf, releaseAt, TAG, type LostAnswer } from './a-lost-answer.ts'

/** A rollout of release 3, of which the answer to a command is lost. @param isPaused Whether it is paused before. */
function aRollout(
  command: string,
  { isPaused = false, status }: { isPaused?: boolean; status?: number } = {},
) {
  const to = `/${command}`
  const fault: Fault =
    status === undefined ? { kind: 'lose-answer', to } : { kind: 'replace-answer', to, text: pageOf(status) }
  return aRolloutWith(fault, { isPaused })
}

/** A rollout of release 3, and a fault for what is sent next. */
async function aRolloutWith(fault: Fault, { isPaused }: { isPaused: boolean }) {
  const server = await aLostAnswer(fault)
  const { request } = server
  await Promise.all([aBotRuns(server.port, 'a'), aBotRuns(server.port, 'b')])
  server.clock.advance(1_000)
  await request.put(TAG).send({ release: 3, policy: { steps: [1, '100%'], soak: 9 } })
  const { id } = await lastRollout(request)
  const steer = (name: string) => request.post(`${MODEL}/rollouts/${id}/${name}`).send({})
  if (isPaused) await steer('pause')
  return { ...server, steer }
}

/** A bot that loads what the tag points at: a rollout that begins later, without such a one, would be paused by itself. */
async function aBotRuns(port: number, letter: string): Promise<void> {
  let runs = `${letter.repeat(12)}4${letter.repeat(3)}8${letter.repeat(15)}`
  for (let poll = 0; poll < 3; poll++) {
    const answer = await fetch(`http://127.0.0.1:${port}/models/shop@production?instance=bot-${letter}`, {
      headers: { 'If-None-Match': runs },
    })
    await answer.arrayBuffer()
    runs = answer.headers.get('etag') ?? runs
  }
}

function rollout(server: LostAnswer, args: string[], meanwhile: () => unknown = () => undefined) {
  return server.run(['rollout', ...args, 'shop@production'], meanwhile)
}

describe('a command for a rollout whose answer is lost', function () {
  this.timeout(60_000)

  for (const command of ['resume', 'retry']) {
    it(`is not sent again over a pause by somebody: ${command}`, async () => {
      const server = await aRollout(command, { isPaused: true })
      const { code, error } = await rollout(server, [command], () => server.steer('pause'))
      expect(code, error).to.equal(5)
      expect(error).to.include('may have been done all the same: look with "slipway rollout shop@production"')
      expect((await lastRollout(server.request)).state).to.equal('paused')
    })
  }

  it('is done where it was a pause, which cannot be done twice', async () => {
    const server = await aRollout('pause')
    const { code, out, error } = await rollout(server, ['pause'])
    expect([code, error]).to.deep.equal([0, ''])
    expect(out).to.match(/from release \d to 3, paused/)
  })

  it('is a conflict where it was a pause of what was taken back since', async () => {
    const server = await aRollout('pause')
    const { code, error } = await rollout(server, ['pause'], () => server.steer('abort').expect(200))
    expect(code, error).to.equal(10)
    expect(error).to.include('may have been done all the same')
  })

  it('is sent again where it was an abort in haste, also behind a proxy that answers in its place', async () => {
    const server = await aRollout('abort', { status: 503 })
    const { code, out, error } = await rollout(server, ['abort', '--now'])
    expect([code, error]).to.deep.equal([0, ''])
    expect(out).to.match(/from release \d to 3, (reverting|aborted)/)
  })

  it('is not sent again where it passes a step, however its answer was lost', async () => {
    const server = await aRollout('advance', { status: 503 })
    const { code, error } = await rollout(server, ['advance'])
    expect(code, error).to.equal(5)
    expect(error).to.include('may have been done all the same: look with "slipway rollout shop@production"')
  })
})

describe('a rollback to a release that never arrived', function () {
  this.timeout(60_000)

  it('is sent again where the rollout that it takes back only went on', async () => {
    const server = await aRolloutWith({ kind: 'lose', text: '/rollback' }, { isPaused: false })
    const { code, error } = await server.run(['rollback', 'shop@production', '1'], () =>
      server.steer('advance').expect(200),
    )
    expect([code, error]).to.deep.equal([0, ''])
    expect(await releaseAt(server.request, 'production')).to.equal(1)
  })
})

describe('what aborts a canary, and whose answer is lost', function () {
  this.timeout(60_000)

  for (const [name, method] of [
    ['rollback', 'POST'],
    ['promote', 'PUT'],
  ] as const) {
    it(`is done where the tag is at the release already: ${name}`, async () => {
      const to = `${method} ${TAG}`
      const server = await aRolloutWith({ kind: 'lose-answer', to }, { isPaused: false })
      const { from } = await lastRollout(server.request)
      const { code, out, error } = await server.run([name, 'shop@production', String(from)], () => undefined)
      expect([code, error]).to.deep.equal([0, ''])
      expect(out).to.include(`shop@production is release ${from}\n`)
      expect((await lastRollout(server.request)).state).to.match(/reverting|aborted/)
    })
  }

  it('is not said to be done in haste where a colleague has aborted it in peace', async () => {
    const server = await aRolloutWith({ kind: 'lose', text: '/rollback' }, { isPaused: false })
    const { from } = await lastRollout(server.request)
    const { code, out } = await server.run(['rollback', 'shop@production', String(from), '--now'], () =>
      server.steer('abort').expect(200),
    )
    expect([code, out]).to.deep.equal([10, ''])
  })

  it('is not done where a colleague has promoted since', async () => {
    const server = await aRolloutWith({ kind: 'lose-answer', to: '/rollback' }, { isPaused: false })
    const { from } = await lastRollout(server.request)
    const { code } = await server.run(['rollback', 'shop@production', String(from)], () =>
      server.request.put(TAG).send({ release: 3 }).expect(200),
    )
    expect(code).to.equal(10)
  })
})

describe('a setting whose answer is lost', function () {
  this.timeout(60_000)

  const POLICY = ['policy', 'shop@production', '--soak', '30']
  const QUOTA = ['quota', 'shop', '--releases', '50']

  const aLostPatch = () => aLostAnswer({ kind: 'lose-answer', to: 'PATCH /api/v1/models/shop' })

  for (const args of [POLICY, QUOTA]) {
    it(`is done where nobody else changed it: ${args[0]}`, async () => {
      const { code, out, error } = await (await aLostPatch()).run(args, () => undefined)
      expect([code, error]).to.deep.equal([0, ''])
      expect(out).to.match(/30 s|50 releases/)
    })
  }

  it('is not set again over what a colleague sets meanwhile: policy', async () => {
    const server = await aLostPatch()
    const canary = { policy: { steps: [1, '100%'] } }
    const { code, error } = await server.run(POLICY, () => server.request.patch(TAG).send(canary).expect(200))
    expect(code, error).to.equal(10)
    expect(error).to.include('look with "slipway policy shop@production"')
    expect((await server.request.get(TAG)).body.policy).to.deep.include({ steps: [1, '100%'], soak: 0 })
  })

  it('is not set again over what a colleague sets meanwhile: quota', async () => {
    const server = await aLostPatch()
    const colleague = { quota: { releases: 9, bytes: null } }
    const { code, error } = await server.run(QUOTA, () =>
      server.request.patch(MODEL).send(colleague).expect(200),
    )
    expect(code, error).to.equal(10)
    expect(error).to.include('look with "slipway quota shop"')
    expect((await server.request.get(MODEL)).body.quota).to.deep.equal(colleague.quota)
  })
})
