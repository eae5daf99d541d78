import { Readable } from 'node:stream'
import { expect } from 'chai'
import { z } from 'zod'
import { ApiClient } from '../../client/api/api-client.ts'
import type { ApiClientOptions } from '../../client/api/api-client.ts'
import { deleteRelease } from '../../client/api/releases.ts'
import { deleteTag } from '../../client/api/tags.ts'
import { revokeToken } from '../../client/api/tokens.ts'
import { removeTrustedPublisher } from '../../client/api/trust.ts'
import { removeWebhook } from '../../client/api/webhooks.ts'
import { PullFailure } from '../../client/index.ts'
import { eventually } from '../support/eventually.ts'
import { lyingServer } from '../support/lying-server.ts'
import type { Answerer, LyingServer } from '../support/lying-server.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const readStatus = (client: ApiClient): Promise<unknown> =>
  client.call({ method: 'GET', path: 'api/v1/status' }, z.object({ version: z.string() }))

/** The outcome of one call to a server that answers so, and what the person who waits was told. */
async function call(
  answer: Answerer,
  options: Partial<ApiClientOptions> = {},
  make: (client: ApiClient) => Promise<unknown> = readStatus,
): Promise<{ outcome: unknown; told: string[]; server: LyingServer }> {
  const server = await lyingServer(answer)
  const told: string[] = []
  const client = new ApiClient({
    url: new URL(`${server.origin}/`),
    token: undefined,
    signal: new AbortController().signal,
    onWait: (message) => told.push(message),
    ...options,
  })
  afterThisTest(() => client.close())
  const outcome = await make(client).catch((error: unknown) => error)
  return { outcome, told, server }
}

const done: Answerer = (_request, response) => response.end('{"version":"1"}')

describe('a call of the management API', () => {
  it('is made again after the time that the server asks for, and says so', async () => {
    const { outcome, told } = await call((request, response, turn) =>
      turn === 0 ? response.writeHead(503, { 'retry-after': '2' }).end() : done(request, response, turn),
    )
    expect(outcome).to.deep.equal({ version: '1' })
    expect(told).to.have.length(1)
    expect(told[0]).to.match(/503.*; trying again in 2 s \(Ctrl-C ends it\)$/)
  })

  it('ends at once where the server asks for more time than there is', async () => {
    const { outcome, told, server } = await call((_request, response) =>
      response.writeHead(503, { 'retry-after': '31' }).end(),
    )
    expect(outcome).to.be.instanceOf(PullFailure).and.to.include({ kind: 'source', retryAfter: 31_000 })
    expect(told).to.deep.equal([])
    expect(server.seen).to.have.length(1)
  })

  const silent: Record<string, Answerer> = {
    'before it answers': () => undefined,
    'in the middle of an answer': (_request, response) => response.write('{"version":'),
    'but for a byte now and then': (_request, response) => {
      const timer = setInterval(() => response.write(' '), 50)
      response.once('close', () => {
        clearInterval(timer)
      })
    },
  }
  for (const [when, answer] of Object.entries(silent)) {
    it(`is given up at its deadline where the server is silent ${when}`, async () => {
      const { outcome } = await call(answer, { timeout: 600 })
      expect(outcome).to.be.instanceOf(PullFailure).and.to.include({ kind: 'source' })
      expect((outcome as PullFailure).message).to.match(
        /did not answer (within 0\.6 s|in time)|stopped sending/,
      )
    })
  }
})

describe('an upload', () => {
  /** Sends bytes that come from streams; what was answered, and the streams that were made for it. */
  async function upload(answer: Answerer, options: Partial<ApiClientOptions> = {}) {
    const server = await lyingServer(answer)
    const made: Readable[] = []
    const client = new ApiClient({
      url: new URL(`${server.origin}/`),
      token: undefined,
      signal: new AbortController().signal,
      timeout: 500,
      ...options,
    })
    afterThisTest(() => client.close())
    const outcome = await client
      .call(
        {
          method: 'POST',
          path: 'models/shop',
          headers: { 'content-length': String(BYTES) },
          body: () => {
            const stream = Readable.from(chunks())
            made.push(stream)
            return stream
          },
          expectContinue: true,
          isTransfer: true,
        },
        z.object({ received: z.number() }),
      )
      .catch((error: unknown) => error)
    return { outcome, made, server }
  }

  const BYTES = 4_000_000
  function* chunks() {
    for (let sent = 0; sent < BYTES; sent += 100_000) yield Buffer.alloc(100_000)
  }

  const count: Answerer = async (request, response) => {
    let received = 0
    for await (const chunk of request) received += (chunk as Buffer).length
    response.end(JSON.stringify({ received }))
  }

  const redirecting: Answerer = (request, response, turn) =>
    turn === 0
      ? response.writeHead(307, { location: '/elsewhere', connection: 'close' }).end()
      : count(request, response, turn)

  it('that is redirected within its origin is sent whole to where it leads', async () => {
    const { outcome, made } = await upload(redirecting)
    expect(outcome).to.deep.equal({ received: BYTES })
    expect(made.map(({ destroyed }) => destroyed)).to.deep.equal([true, true])
  })

  it('is not turned into something else by a redirect that is made for pages', async () => {
    const { outcome, server } = await upload((_request, response) =>
      response.writeHead(302, { location: '/login', connection: 'close' }).end(),
    )
    expect((outcome as PullFailure).message).to.match(/redirects .*\/login/)
    expect(server.seen).to.have.length(1)
  })

  it('leaves nothing open where it is refused before its first byte', async () => {
    const { outcome, made } = await upload((_request, response) =>
      response.writeHead(401, { connection: 'close' }).end(),
    )
    expect(outcome).to.be.instanceOf(PullFailure)
    await eventually('all streams are closed', () => made.every(({ destroyed }) => destroyed))
  })

  it('that nobody wants any more opens nothing', async () => {
    const { made } = await upload(count, { signal: AbortSignal.abort(new Error('stop')) })
    expect(made).to.deep.equal([])
  })

  it('that is ended on its way leaves nothing open', async () => {
    const controller = new AbortController()
    const { outcome, made } = await upload(
      (request) => {
        request.once('data', () => {
          request.pause()
          controller.abort(new Error('stop'))
        })
      },
      { signal: controller.signal },
    )
    expect((outcome as Error).message).to.equal('stop')
    await eventually('all streams are closed', () => made.every(({ destroyed }) => destroyed))
  })
})

describe('revoking a token', () => {
  const revoke = async (answer: Answerer): Promise<unknown> =>
    (await call(answer, {}, (client) => revokeToken(client, 'ci'))).outcome

  it('tells what it took with it, and of nothing where the answer has no content', async () => {
    const warnings = [{ code: 'of-a-later-server', message: 'Nobody can promote any more.' }]
    expect(await revoke((_request, response) => response.end(JSON.stringify({ warnings })))).to.deep.equal([
      'Nobody can promote any more.',
    ])
    expect(await revoke((_request, response) => response.writeHead(204).end())).to.deep.equal([])
  })

  for (const body of ['<html>Sign in</html>', '{"version":"1"}']) {
    it(`says that ${body} is not from Slipway`, async () => {
      const outcome = await revoke((_request, response) => response.end(body))
      expect(outcome).to.be.instanceOf(PullFailure).and.to.include({ kind: 'source' })
      expect((outcome as PullFailure).message).to.include('not from Slipway. Is SLIPWAY_URL right?')
    })
  }
})

describe('deleting what is answered without content', () => {
  const ways: Record<string, (client: ApiClient) => Promise<void>> = {
    'a release': (client) => deleteRelease(client, 'shop', 1),
    'a tag': (client) => deleteTag(client, { model: 'shop', tag: 'staging' }),
    'a webhook': (client) => removeWebhook(client, '1'),
    'a trusted publisher': (client) => removeTrustedPublisher(client, 'ci'),
  }
  for (const [what, remove] of Object.entries(ways)) {
    it(`does not take a proxy's page for it: ${what}`, async () => {
      const { outcome } = await call((_request, response) => response.end('<html>Sign in</html>'), {}, remove)
      expect(outcome).to.be.instanceOf(PullFailure)
      expect((outcome as PullFailure).message).to.include('not from Slipway. Is SLIPWAY_URL right?')
      const done = await call((_request, response) => response.writeHead(204).end(), {}, remove)
      expect(done.outcome).to.equal(undefined)
    })
  }
})
