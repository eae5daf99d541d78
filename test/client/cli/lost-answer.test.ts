import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { ApiClient } from '../../../client/api/api-client.ts'
import { pushArchive } from '../../../client/api/push-archive.ts'
import { deleteModel } from '../../../client/api/releases.ts'
import { promote, rollBack } from '../../../client/api/move-tag.ts'
import { PullFailure } from '../../../client/index.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { callSlipway } from '../../support/call-slipway.ts'
import { eventually } from '../../support/eventually.ts'
import { startFaultProxy, type Fault } from '../../support/fault-proxy.ts'
import { lyingServer, type Answerer } from '../../support/lying-server.ts'
import { aServer } from '../../support/server-under-test.ts'
import { afterThisTest, temporaryDirectory } from '../../support/temporary-directory.ts'

const ADDRESS = { model: 'shop', tag: 'production' }
const LOOK =
  'it may have been done all the same: look with "slipway rollout shop@production" before you send it again'

/** What a call came to, of a server that answers so. */
async function failureOf(
  make: (client: ApiClient) => Promise<unknown>,
  answer: Answerer | undefined,
): Promise<PullFailure> {
  const { origin } = await lyingServer(answer ?? (() => undefined))
  const client = new ApiClient({
    url: new URL(`${answer === undefined ? 'http://127.0.0.1:1' : origin}/`),
    token: undefined,
    signal: new AbortController().signal,
    timeout: 500,
  })
  afterThisTest(() => client.close())
  const outcome = await make(client).catch((error: unknown) => error)
  expect(outcome).to.be.instanceOf(PullFailure)
  return outcome as PullFailure
}

const cut: Answerer = (_request, response) => response.destroy()
const rollback = (client: ApiClient): Promise<unknown> => rollBack(client, ADDRESS)

/** Nothing is there yet, and what changes it gets no answer. */
const cutChange: Answerer = (request, response) =>
  request.method === 'GET' ? response.writeHead(404).end() : response.destroy()

describe('a command whose answer is lost', function () {
  this.timeout(60_000)

  const faults: [string, Fault][] = [
    ['before the answer', { kind: 'lose-answer', to: '/rollback' }],
    ['within the answer', { kind: 'cut', direction: 'down', afterBytes: 450 }],
  ]
  for (const [when, fault] of faults) {
    it(`says where the connection was cut ${when} that it may have been done, and how to look`, async () => {
      const { port, publish, request } = await aServer()
      for (let number = 1; number <= 2; number++) await publish(anArchive(), { query: 'tag=production' })
      const proxy = await startFaultProxy(port)
      afterThisTest(() => proxy.stop())
      proxy.inject(fault, 1)
      const { code, error } = await callSlipway(['rollback', 'shop@production'], {
        env: { SLIPWAY_URL: proxy.url },
      })
      expect(proxy.strikes()).to.equal(1)
      expect(code).to.equal(5)
      expect(error).to.include(LOOK)
      expect((await request.get('/api/v1/models/shop/tags/production')).body.release).to.equal(1)
    })
  }

  it('says so where it was sent several times, and where a proxy got no answer in time', async () => {
    expect((await failureOf((client) => promote(client, ADDRESS, 2), cutChange)).message).to.include(LOOK)
    const late: Answerer = (_request, response) => response.writeHead(504).end()
    expect((await failureOf(rollback, late)).message).to.include(LOOK)
    expect((await failureOf(rollback, () => undefined)).message).to.include(LOOK)
  })

  it('says so of a publish, too', async () => {
    const file = path.join(await temporaryDirectory(), 'bot.tar.gz')
    await writeFile(file, anArchive())
    const push = (client: ApiClient) => pushArchive(client, { file, model: 'shop', tags: [] })
    expect((await failureOf(push, cutChange)).message).to.include('look with "slipway releases shop"')
  })

  it('is not sent again over what somebody else did meanwhile', async () => {
    const { port, publish, request } = await aServer()
    for (let number = 1; number <= 2; number++) await publish(anArchive(), { query: 'tag=production' })
    await publish(anArchive())
    const proxy = await startFaultProxy(port)
    afterThisTest(() => proxy.stop())
    proxy.inject({ kind: 'lose-answer', to: 'PUT /api' }, 1, { kind: 'refuse' })
    const running = callSlipway(['promote', 'shop@production', '3'], { env: { SLIPWAY_URL: proxy.url } })
    const tag = '/api/v1/models/shop/tags/production'
    await eventually('the promotion was done', async () => (await request.get(tag)).body.release === 3)
    await request.post(`${tag}/rollback`).send({ release: 1 })
    proxy.heal()
    const { code, error } = await running
    expect(code, error).to.equal(10)
    expect(error).to.include(LOOK)
    expect((await request.get(tag)).body.release).to.equal(1)
  })

  it('is done where the one whose answer was lost did it, and nobody else anything', async () => {
    const { port, publish, request } = await aServer()
    await publish(anArchive(), { query: 'tag=production' })
    await publish(anArchive())
    const proxy = await startFaultProxy(port)
    afterThisTest(() => proxy.stop())
    proxy.inject({ kind: 'lose-answer', to: 'PUT /api' }, 1)
    const { code, out } = await callSlipway(['promote', 'shop@production', '2'], {
      env: { SLIPWAY_URL: proxy.url },
    })
    expect(proxy.strikes()).to.equal(1)
    expect([code, out.split('\n')[0]]).to.deep.equal([0, 'shop@production: release 1 → 2'])
    expect((await request.get(`/api/v1/models/shop/tags/production/history`)).body.items).to.have.length(2)
  })

  const tag = '/api/v1/models/shop/tags/production'

  /** Releases 1 to 3, of which production is at 2, behind a proxy that loses the next answer to `what`, and then refuses all until it is healed. */
  async function aLostAnswer(what: string) {
    const server = await aServer()
    for (let number = 1; number <= 2; number++) await server.publish(anArchive(), { query: 'tag=production' })
    await server.publish(anArchive())
    const proxy = await startFaultProxy(server.port)
    afterThisTest(() => proxy.stop())
    proxy.inject({ kind: 'lose-answer', to: what }, 1, { kind: 'refuse' })
    return { ...server, proxy, env: { SLIPWAY_URL: proxy.url } }
  }

  /** A push of release 4 to production that was done, and waits for the proxy to be healed. */
  async function aLostPush() {
    const server = await aLostAnswer('POST /models')
    const file = path.join(await temporaryDirectory(), 'bot.tar.gz')
    await writeFile(file, anArchive())
    const args = ['push', file, '--model', 'shop', '--tag', 'production']
    const running = callSlipway(args, { env: server.env })
    await eventually('it was done', async () => (await server.request.get(tag)).body.release === 4)
    return { ...server, running }
  }

  it('is not sent again over an abort of the rollout with steps that it had begun', async () => {
    const { request, proxy, env } = await aLostAnswer('PUT /api')
    const running = callSlipway(['promote', 'shop@production', '3', '--steps', '1,100%', '--soak', '9'], {
      env,
    })
    await eventually('it has begun', async () => (await request.get(tag)).body.rollout?.to === 3)
    await request.post(`${tag}/rollback`).send({ reason: 'bad model' })
    proxy.heal()
    const { code, error } = await running
    expect(code, error).to.equal(10)
    expect(error).to.include('shop@production has another rollout since this was sent').and.to.include(LOOK)
    expect((await request.get(tag)).body.rollout?.to).not.to.equal(4)
    const { body } = await request.get('/api/v1/models/shop/rollouts?tag=production')
    expect(body.items[0]).to.include({ to: 3, from: 2 })
    expect(['reverting', 'aborted']).to.include(body.items[0].state)
  })

  it('is not sent again over a promotion, where it was a rollback to a release', async () => {
    const { request, proxy, env } = await aLostAnswer('/rollback')
    const running = callSlipway(['rollback', 'shop@production', '1'], { env })
    await eventually('it was done', async () => (await request.get(tag)).body.release === 1)
    await request.put(tag).send({ release: 3 })
    proxy.heal()
    const { code, error } = await running
    expect([code, error]).to.deep.equal([10, error])
    expect((await request.get(tag)).body.release).to.equal(3)
  })

  it('moves no tag again that was rolled back meanwhile, where it was a publish', async () => {
    const { request, proxy, running } = await aLostPush()
    await request.post(`${tag}/rollback`).send({ release: 1 })
    proxy.heal()
    const { code, error } = await running
    expect([code, error]).to.deep.equal([10, error])
    expect(error).to.include('shop#4 was published, but shop@production was moved since')
    expect((await request.get(tag)).body.release).to.equal(1)
  })

  it('is done where it was a publish that nobody has touched since', async () => {
    const { request, proxy, running } = await aLostPush()
    proxy.heal()
    const { code, out, error } = await running
    expect([code, error]).to.deep.equal([0, error])
    expect(out).to.include('shop#4')
    expect((await request.get(`${tag}/history`)).body.items).to.have.length(3)
  })

  it('says nothing of it where it was not sent, was refused, or was to change nothing', async () => {
    expect((await failureOf(rollback, undefined)).message).not.to.include('may have been done')
    const problem = { type: 'urn:slipway:problem:catalog-busy', title: '', status: 503, code: 'catalog-busy' }
    const refusing: Answerer = (_request, response) =>
      response.writeHead(503, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem))
    expect((await failureOf(rollback, refusing)).message).not.to.include('may have been done')
    const dryRun = await failureOf((client) => deleteModel(client, 'shop', { dryRun: true }), cut)
    expect(dryRun.message).not.to.include('may have been done')
  })
})
