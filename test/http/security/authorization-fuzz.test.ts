import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { expect } from 'chai'
import fc from 'fast-check'
import { aToken } from '../../support/a-token.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { aHurriedClock } from '../../support/manual-clock.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'

async function statusOf(
  { port }: ServerUnderTest,
  path: string,
  headers: Record<string, string>,
): Promise<number> {
  const sent = request({ port, host: '127.0.0.1', path, headers, agent: false })
  sent.end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  answer.resume()
  return answer.statusCode ?? 0
}

/** What Node sends as the value of a header field. */
const value = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
})

describe('whatever is sent as Authorization', function () {
  this.timeout(60_000)
  let server: ServerUnderTest
  let token: string

  beforeEach(async () => {
    server = await aServer({
      publishToken: 'the-publish-token',
      pullToken: 'the-pull-token',
      clock: aHurriedClock(),
    })
    await server.publish(anArchive())
    token = await aToken(server, ['pull'])
  })

  it('opens nothing, and is no fault of the server', async () => {
    const scheme = fc.constantFrom(
      '',
      'Bearer ',
      'bearer  ',
      'Basic ',
      'Basic Og==',
      'Digest ',
      'Bearer slipway_',
    )
    await fc.assert(
      fc.asyncProperty(scheme, value, async (before, text) => {
        const status = await statusOf(server, '/models/shop', { Authorization: before + text })
        expect([400, 401, 429]).to.include(status)
      }),
      { numRuns: 200 },
    )
  })

  it('opens nothing in the query or in a cookie either', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.boolean(), async (text, inCookie) => {
        const path = inCookie
          ? '/models/shop'
          : `/models/shop?token=${encodeURIComponent(text.toWellFormed())}`
        const cookie = `slipway-token=${encodeURIComponent(text.toWellFormed())}`
        const status = await statusOf(server, path, inCookie ? { Cookie: cookie } : {})
        expect([401, 429]).to.include(status)
      }),
      { numRuns: 100 },
    )
  })

  it('opens nothing that is a right token but for one bit, one character more or one less', async () => {
    const opened: string[] = []
    const bytes = Buffer.from(token)
    const wrong = Array.from(bytes, (byte, at) => {
      const flipped = Buffer.from(bytes)
      flipped[at] = byte ^ (1 << (at % 7))
      return flipped.toString('latin1')
    })
    for (const text of [
      ...wrong,
      token.slice(1),
      token.slice(0, -1),
      `${token}0`,
      `0${token}`,
      token.toUpperCase(),
    ]) {
      // Rasa's way: any character can be sent in a query.
      const path = `/models/shop?token=${encodeURIComponent(text)}`
      if ((await statusOf(server, path, {})) !== 401) opened.push(text)
    }
    expect(opened).to.deep.equal([])
    expect(await statusOf(server, '/models/shop', { Authorization: `Bearer ${token}` })).to.equal(200)
  })

  it('of 15 kB is looked at, and of more refused as too large', async () => {
    expect(
      await statusOf(server, '/models/shop', { Authorization: `Bearer ${'x'.repeat(15_000)}` }),
    ).to.equal(401)
    expect(
      await statusOf(server, '/models/shop', { Authorization: `Bearer ${'x'.repeat(20_000)}` }),
    ).to.equal(431)
  })
})
