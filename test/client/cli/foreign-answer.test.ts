import { expect } from 'chai'
import { aLostAnswer, BROKEN_BODY, lastRollout, pageOf, releaseAt, TAG } from './a-lost-answer.ts'

const LOOK = 'may have been done all the same: look with "slipway rollout shop@production"'
const CANARY = ['--steps', '1,100%', '--soak', '9']

describe('an answer that is not from Slipway', function () {
  this.timeout(60_000)

  for (const status of [408, 429, 500, 503, 520]) {
    it(`has nothing sent again over an abort by somebody: ${status}`, async () => {
      const { request, run } = await aLostAnswer({
        kind: 'replace-answer',
        to: 'PUT /api',
        text: pageOf(status),
      })
      const { code, error } = await run(['promote', 'shop@production', '3', ...CANARY], () =>
        request.post(`${TAG}/rollback`).send({ reason: 'bad model' }),
      )
      expect(code, error).to.equal(10)
      expect(error).to.include(LOOK)
      expect(await lastRollout(request)).to.include({ to: 3 })
      expect((await lastRollout(request)).state).to.be.oneOf(['reverting', 'aborted'])
    })
  }

  it('is the end of what goes one further each time, with the way to look', async () => {
    const { request, run } = await aLostAnswer({
      kind: 'replace-answer',
      to: '/rollback',
      text: pageOf(503),
    })
    const { code, error } = await run(['rollback', 'shop@production'], () => undefined)
    expect(code, error).to.equal(5)
    expect(error).to.include('the server answered 503').and.to.include(LOOK)
    expect(await releaseAt(request, 'production')).to.equal(1)
  })

  it('says in place of an outcome how to look for it', async () => {
    const { run } = await aLostAnswer({ kind: 'replace-answer', to: 'PUT /api', text: pageOf(200) })
    const { code, error } = await run(['promote', 'shop@production', '3'], () => undefined)
    expect(code, error).to.equal(5)
    expect(error).to.include(`not from Slipway. Is SLIPWAY_URL right? It ${LOOK}`)
  })
})

describe('an answer that breaks off within its body', function () {
  this.timeout(60_000)

  it('has nothing sent again over a rollback by somebody', async () => {
    const { request, run } = await aLostAnswer({ kind: 'replace-answer', to: 'PUT /api', text: BROKEN_BODY })
    const { code, error } = await run(['promote', 'shop@production', '3'], () =>
      request.post(`${TAG}/rollback`).send({ release: 1 }),
    )
    expect(code, error).to.equal(10)
    expect(error).to.include(LOOK)
    expect(await releaseAt(request, 'production')).to.equal(1)
  })

  it('is told as that, with the way to look', async () => {
    const { run } = await aLostAnswer({ kind: 'replace-answer', to: '/rollback', text: BROKEN_BODY })
    const { code, error } = await run(['rollback', 'shop@production'], () => undefined)
    expect(code, error).to.equal(5)
    expect(error).to.include('closed the connection before the answer was complete').and.to.include(LOOK)
  })
})
