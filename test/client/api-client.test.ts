import { expect } from 'chai'
import { z } from 'zod'
import { ApiClient } from '../../client/api/api-client.ts'
import type { ApiClientOptions } from '../../client/api/api-client.ts'
import { PullFailure } from '../../client/index.ts'
import { lyingServer } from '../support/lying-server.ts'
import type { Answerer, LyingServer } from '../support/lying-server.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

/** The outcome of one call to a server that answers so, and what the person who waits was told. */
async function call(
  answer: Answerer,
  options: Partial<ApiClientOptions> = {},
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
  const outcome = await client
    .call({ method: 'GET', path: 'api/v1/status' }, z.object({ version: z.string() }))
    .catch((error: unknown) => error)
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
