import { expect } from 'chai'
import { ApiClient } from '../../client/api/api-client.ts'
import { promote, rollBack } from '../../client/api/move-tag.ts'
import type { KnownMovedTag } from '../../client/api/known-schemas.ts'
import { PullFailure } from '../../client/index.ts'
import { lyingServer, type Answerer } from '../support/lying-server.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const ADDRESS = { model: 'shop', tag: 'production' }
const MOVED_AT = '2026-11-28T10:00:00.000Z'

const tagAt = (release: number, movedAt = MOVED_AT) => ({
  ...{ ...ADDRESS, release, movedAt, digest: 'ab'.repeat(32) },
  ...{ movedBy: 'ann', reason: null, rollout: null },
})

/** An answer with a tag. */
function sendTag(headers: Record<string, string> = {}, release = 2, movedAt?: string): Answerer {
  return (_request, response) => response.writeHead(200, headers).end(JSON.stringify(tagAt(release, movedAt)))
}

/** A refusal by Slipway itself. */
function refuse(status: number, code: string, more: object = {}): Answerer {
  const problem = { type: `urn:slipway:problem:${code}`, title: code, status, code, ...more }
  return (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem))
}

const cut: Answerer = (_request, response) => response.destroy()
const missing = refuse(404, 'tag-not-found')

interface Script {
  /** How the tag is read, one after the other; then as the last one says. Rollouts are not known there. */
  reads: Answerer[]
  /** How what changes it is answered. */
  changes: Answerer[]
  timeout?: number
}

/** What a change comes to, of a server that answers so, and what was sent. */
async function change(
  { reads, changes, timeout = 5_000 }: Script,
  make: (client: ApiClient) => Promise<KnownMovedTag> = (client) => promote(client, ADDRESS, 3),
) {
  const turns = { read: 0, change: 0 }
  const next = (answers: Answerer[], turn: number) => answers[Math.min(turn, answers.length - 1)] ?? cut
  const server = await lyingServer((request, response, turn) => {
    if (request.method !== 'GET') return next(changes, turns.change++)(request, response, turn)
    if (request.url?.includes('/rollouts') === true) return missing(request, response, turn)
    return next(reads, turns.read++)(request, response, turn)
  })
  const client = new ApiClient({
    url: new URL(`${server.origin}/`),
    token: undefined,
    signal: new AbortController().signal,
    timeout,
  })
  afterThisTest(() => client.close())
  const outcome = await make(client).catch((error: unknown) => error)
  const sent = server.seen.filter(({ method }) => method !== 'GET')
  return { outcome, sent, reads: turns.read }
}

describe('a change that may have been done', function () {
  this.timeout(30_000)

  it('is sent again only as long as the tag is as it was, by an entity tag that the server can compare', async () => {
    const reads = [sendTag({ etag: 'W/"two"' })]
    const { outcome, sent } = await change({ reads, changes: [cut, sendTag({}, 3)] })
    expect(outcome).to.include({ release: 3 })
    expect(sent.map(({ headers }) => headers['if-match'])).to.deep.equal([undefined, '"two"'])
  })

  it('is sent again only as long as there is no tag where there was none', async () => {
    const { outcome, sent } = await change({ reads: [missing], changes: [cut, sendTag({}, 3)] })
    expect(outcome).to.include({ release: 3 })
    expect(sent.map(({ headers }) => headers['if-none-match'])).to.deep.equal([undefined, '*'])
  })

  it('is not sent again where the tag was moved away and back', async () => {
    const reads = [sendTag(), sendTag({}, 2, '2026-11-28T10:00:09.000Z')]
    const { outcome, sent } = await change({ reads, changes: [cut] })
    expect(outcome).to.be.instanceOf(PullFailure).and.to.include({ kind: 'conflict' })
    expect((outcome as PullFailure).message).to.include('shop@production was moved since this was sent')
    expect(sent).to.have.length(1)
  })

  it('is sent again without a look where Slipway itself refused it', async () => {
    const changes = [refuse(503, 'catalog-busy'), refuse(429, 'too-many-requests'), sendTag({}, 3)]
    const { outcome, sent, reads } = await change({ reads: [sendTag()], changes })
    expect(outcome).to.include({ release: 3 })
    expect([sent.length, reads]).to.deep.equal([3, 1])
  })

  for (const [what, answer] of [
    ['says that the outcome is unknown', refuse(503, 'catalog-unavailable', { outcome: 'unknown' })],
    ['failed in a way that it did not expect', refuse(500, 'internal-error')],
  ] as const) {
    it(`is looked for where Slipway ${what}`, async () => {
      const reads = [sendTag(), sendTag({}, 1, '2026-11-28T10:00:09.000Z')]
      const { outcome, sent } = await change({ reads, changes: [answer] })
      expect(outcome).to.be.instanceOf(PullFailure).and.to.include({ kind: 'conflict' })
      expect(sent).to.have.length(1)
    })
  }

  it('and its look end together when the time is over', async () => {
    const late: Answerer = (_request, response) => setTimeout(() => response.destroy(), 1_500)
    const begun = performance.now()
    const { outcome } = await change({ reads: [sendTag(), () => undefined], changes: [late], timeout: 2_500 })
    expect(performance.now() - begun).to.be.lessThan(4_000)
    expect((outcome as PullFailure).message)
      .to.include('did not answer within 2.5 s')
      .and.to.include('look with "slipway rollout shop@production"')
  })
})

describe('a promotion, of a tag that cannot be read yet', function () {
  this.timeout(30_000)

  it('waits until it can, behind a proxy whose server is away for a moment', async () => {
    const away: Answerer = (_request, response) => response.writeHead(503).end('<html>')
    const script = { reads: [away, away, sendTag()], changes: [sendTag({}, 3)], timeout: 20_000 }
    const { outcome, sent } = await change(script)
    expect(outcome).to.include({ release: 3 })
    expect(sent).to.have.length(1)
  })
})

describe('a rollback to a release, of a tag that cannot be read', function () {
  this.timeout(30_000)

  const back = (client: ApiClient) => rollBack(client, ADDRESS, 1)
  const reads = [refuse(500, 'internal-error')]

  it('is sent all the same', async () => {
    const { outcome } = await change({ reads, changes: [sendTag({}, 1)], timeout: 500 }, back)
    expect(outcome).to.include({ release: 1 })
  })

  it('keeps nobody waiting for long where the server does not answer reads', async () => {
    const begun = performance.now()
    const { outcome } = await change(
      { reads: [() => undefined], changes: [sendTag({}, 1)], timeout: 30_000 },
      back,
    )
    expect(outcome).to.include({ release: 1 })
    expect(performance.now() - begun).to.be.lessThan(25_000)
  })

  it('is not sent again where it may have been done', async () => {
    const { outcome, sent } = await change({ reads, changes: [cut, sendTag({}, 1)], timeout: 500 }, back)
    expect((outcome as PullFailure).message).to.include('look with "slipway rollout shop@production"')
    expect(sent).to.have.length(1)
  })

  it('waits first, and is then sent again where it was not done, behind a proxy whose server is away for a moment', async () => {
    const away: Answerer = (_request, response) => response.writeHead(503).end('<html>')
    const script = { reads: [away, away, sendTag()], changes: [away, sendTag({}, 1)], timeout: 20_000 }
    const { outcome, sent, reads } = await change(script, back)
    expect(outcome).to.include({ release: 1 })
    expect([sent.length, reads]).to.deep.equal([2, 4])
  })

  it('is sent again where it was surely not done', async () => {
    const changes = [refuse(503, 'catalog-busy'), sendTag({}, 1)]
    const { outcome, sent } = await change({ reads, changes, timeout: 1_500 }, back)
    expect(outcome).to.include({ release: 1 })
    expect(sent).to.have.length(2)
  })
})
