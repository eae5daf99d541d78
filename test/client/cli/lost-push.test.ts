import { writeFile } from 'node:fs/promises'
import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import type { Fault } from '../../support/fault-proxy.ts'
import { aKeyPair } from '../../support/key-pairs.ts'
import {
  aLostAnswer,
  anArchiveFile,
  MODEL,
  pageOf,
  releaseAt,
  TAG,
  type LostAnswer,
} from './a-lost-answer.ts'

const LOST: Fault = { kind: 'lose-answer', to: 'POST /models' }
const NEVER_SENT: Fault = { kind: 'lose', text: 'POST /models' }
const PRODUCTION = ['--tag', 'production']

/** A push of what becomes release 4, with such a fault; `push` runs it. */
async function aPush(fault: Fault, ...options: string[]) {
  const server = await aLostAnswer(fault)
  const { file, archive } = await anArchiveFile()
  const push = (meanwhile: () => unknown) =>
    server.run(['push', file, '--model', 'shop', ...options], meanwhile)
  return { ...server, push, archive }
}

async function numbersOf({ request }: LostAnswer): Promise<number[]> {
  const { body } = await request.get(`${MODEL}/releases`)
  return (body as { items: { number: number }[] }).items.map(({ number }) => number)
}

describe('a push whose answer is lost', function () {
  this.timeout(60_000)

  for (const [how, fault] of [
    ['lost', LOST],
    ['a page of a proxy', { kind: 'replace-answer', to: 'POST /models', text: pageOf(503) }],
  ] as const) {
    it(`moves latest no more where somebody has rolled it back since: ${how}`, async () => {
      const server = await aPush(fault)
      const { code, error } = await server.push(() =>
        server.request.post(`${MODEL}/tags/latest/rollback`).send({ reason: 'bad' }),
      )
      expect(code, error).to.equal(10)
      expect(error)
        .to.include('shop#4 was published, but it was taken back from shop@latest since: look with')
        .and.to.include('slipway rollback shop@latest 4')
      expect(await releaseAt(server.request, 'latest')).to.equal(3)
      expect(await numbersOf(server)).to.deep.equal([4, 3, 2, 1])
    })
  }

  it('makes no second release where somebody has published since, and is done', async () => {
    const server = await aPush(LOST, ...PRODUCTION)
    const { code, out, error } = await server.push(() => server.publish(anArchive()))
    expect(code, error).to.equal(0)
    expect(out).to.match(/^shop#4 \([0-9a-f]{12}\), promoted to production\n$/)
    expect(await numbersOf(server)).to.deep.equal([5, 4, 3, 2, 1])
    expect(await releaseAt(server.request, 'latest')).to.equal(5)
  })

  it('is done without a tag, too, where somebody has published since', async () => {
    const server = await aPush(LOST)
    const { code, out, error } = await server.push(() => server.publish(anArchive()))
    expect(code, error).to.equal(0)
    expect(out).to.match(/^shop#4 /)
    expect(await numbersOf(server)).to.deep.equal([5, 4, 3, 2, 1])
  })

  it('is found where it went as a form, with its signature', async () => {
    const { file } = await anArchiveFile()
    await writeFile(`${file}.key`, aKeyPair().privatePem, { mode: 0o600 })
    const server = await aLostAnswer(LOST)
    const args = ['push', file, '--model', 'shop', '--sign', `${file}.key`]
    const { code, out, error } = await server.run(args, () => server.publish(anArchive()))
    expect(code, error).to.equal(0)
    expect(out).to.match(/^shop#4 /)
    expect(await numbersOf(server)).to.deep.equal([5, 4, 3, 2, 1])
  })

  it('says of latest what became of it where only another tag was asked for', async () => {
    const server = await aPush(LOST, ...PRODUCTION)
    const { code, error } = await server.push(() =>
      server.request.post(`${MODEL}/tags/latest/rollback`).send({}),
    )
    expect(code, error).to.equal(0)
    expect(error).to.include('warning: it was taken back from shop@latest since')
    expect(await releaseAt(server.request, 'latest')).to.equal(3)
  })

  it('says which tags lead to it, and which somebody has moved', async () => {
    const server = await aPush(LOST, ...PRODUCTION, '--tag', 'staging')
    const { code, error } = await server.push(() =>
      server.request.put(`${MODEL}/tags/staging`).send({ release: 1 }),
    )
    expect(code, error).to.equal(10)
    expect(error).to.include(
      'shop#4 was published, and shop@production leads to it, but shop@staging was moved since by somebody: ' +
        'look with "slipway rollout shop@staging"; if it is still wanted, slipway promote shop@staging 4',
    )
    expect(await releaseAt(server.request, 'staging')).to.equal(1)
  })

  it('does not bring a rollout again that somebody has aborted since', async () => {
    const server = await aPush(LOST, ...PRODUCTION)
    await server.request.patch(TAG).send({ policy: { steps: [1, '100%'], soak: 9 } })
    const { code, error } = await server.push(() => server.request.post(`${TAG}/rollback`).send({}))
    expect(code, error).to.equal(10)
    expect(error).to.include('it was taken back from shop@production since')
    expect(await numbersOf(server)).to.deep.equal([4, 3, 2, 1])
  })

  it('publishes nothing again that somebody has deleted since', async () => {
    const server = await aPush(LOST)
    const { code, error } = await server.push(async () => {
      await server.request.post(`${MODEL}/tags/latest/rollback`).send({})
      await server.request.delete(`${MODEL}/releases/4`).expect(204)
    })
    expect(code, error).to.equal(10)
    expect(error).to.include('look with "slipway releases shop"')
    expect(await numbersOf(server)).to.deep.equal([3, 2, 1])
  })

  it('is sent again where it never arrived', async () => {
    const server = await aPush(NEVER_SENT, ...PRODUCTION)
    const { code, out, error } = await server.push(() => undefined)
    expect(code, error).to.equal(0)
    expect(out).to.match(/^shop#4 /)
    expect(await releaseAt(server.request, 'latest')).to.equal(4)
  })

  it('does not take the place of what somebody has published since where it never arrived', async () => {
    const server = await aPush(NEVER_SENT)
    const { code, error } = await server.push(() => server.publish(anArchive()))
    expect(code, error).to.equal(10)
    expect(error).to.include('shop@latest was moved since this was sent')
    expect(await numbersOf(server)).to.deep.equal([4, 3, 2, 1])
  })

  it('is done where it sent the newest release once more, for a tag', async () => {
    const server = await aPush(LOST, ...PRODUCTION)
    await server.publish(server.archive)
    const { code, out, error } = await server.push(() => undefined)
    expect(code, error).to.equal(0)
    expect(out).to.match(/^shop#4 \([0-9a-f]{12}\), promoted to production\n$/)
    expect(await numbersOf(server)).to.deep.equal([4, 3, 2, 1])
  })
})
