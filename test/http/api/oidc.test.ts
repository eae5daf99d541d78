import { createHmac, generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import { exportSPKI, importJWK, type CryptoKey } from 'jose'
import type { AuditEntry } from '../../../protocol/audit.ts'
import type { Token } from '../../../protocol/token.ts'
import { keptLog } from '../../support/log-lines.ts'
import { anIssuer, type OidcIssuer } from '../../support/oidc-issuer.ts'
import { aServer } from '../../support/server-under-test.ts'
import { ADMIN, aTrustingServer, exchange, publishTo, trust } from '../../support/trusting-server.ts'

const MINUTE = 60_000
const NOW = Date.parse('2026-12-01T08:00:00.000Z') / 1000

interface AuditPage {
  items: AuditEntry[]
}

/** The base64url character behind the last one of a text, which decodes to the same bytes there. */
function nextCharacter(text: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return digits[digits.indexOf(text.slice(-1)) + 1] ?? ''
}

describe('exchanging an identity token', () => {
  it('gives a token that allows what the publisher may, for 15 minutes', async () => {
    const { server, issuer } = await aTrustingServer()
    const { status, body } = await exchange(server, await issuer.issue())
    expect(status).to.equal(200)
    expect(body).to.deep.include({
      ...{ name: 'shop-ci', subject: 'repo:acme/shop:ref:refs/heads/main' },
      ...{ allow: ['publish:shop', 'promote:shop@staging'], expiresAt: '2026-12-01T08:15:00.000Z' },
    })
    expect(body.token).to.match(/^slipway_/)
    expect(await publishTo(server, 'shop', body.token)).to.equal(201)
    expect(await publishTo(server, 'bank', body.token)).to.equal(403)
    const { publishedBy } = (await server.request.get('/api/v1/models/shop/releases/1').set(ADMIN)).body as {
      publishedBy: string
    }
    expect(publishedBy).to.equal('shop-ci')
    server.clock.advance(15 * MINUTE)
    expect(await publishTo(server, 'shop', body.token)).to.equal(401)
  })

  it('stands in the audit with whom it was for and where it was sent from', async () => {
    const { server, issuer } = await aTrustingServer()
    await exchange(server, await issuer.issue())
    const { items } = (await server.request.get('/api/v1/audit').set(ADMIN)).body as AuditPage
    const made = items.find(({ action }) => action === 'token.created')
    expect(made).to.include({
      ...{ actor: 'shop-ci', subject: 'repo:acme/shop:ref:refs/heads/main', address: '127.0.0.1' },
    })
    expect(made?.request).to.be.a('string')
  })

  it('gives what several publishers may that match', async () => {
    const { server, issuer } = await aTrustingServer()
    server.clock.advance(1000)
    await trust(server, issuer, {
      name: 'owner',
      claims: { repository_owner_id: '4242' },
      allow: ['publish:bank'],
    })
    const { body } = await exchange(server, await issuer.issue())
    expect([body.name, body.allow, body.publishers]).to.deep.equal([
      'shop-ci',
      ['publish:shop', 'promote:shop@staging', 'publish:bank'],
      ['shop-ci', 'owner'],
    ])
    const { items } = (await server.request.get('/api/v1/audit').set(ADMIN)).body as AuditPage
    expect(items.find(({ action }) => action === 'token.created')?.after).to.deep.include({
      publishers: ['shop-ci', 'owner'],
    })
    const listed = (await server.request.get('/api/v1/tokens').set(ADMIN)).body as { items: Token[] }
    expect(listed.items[0]?.publishers).to.deep.equal(['shop-ci', 'owner'])
  })

  it('compares numbers and truth values too', async () => {
    const { server, issuer } = await aTrustingServer({ claims: { run_attempt: '1', is_fork: 'false' } })
    expect((await exchange(server, await issuer.issue())).status).to.equal(200)
    expect((await exchange(server, await issuer.issue({ is_fork: true }))).body.claim).to.equal('is_fork')
    expect((await exchange(server, await issuer.issue({ run_attempt: [1] }))).body.claim).to.equal(
      'run_attempt',
    )
    expect((await exchange(server, await issuer.issue({ run_attempt: { toString: '1' } }))).status).to.equal(
      403,
    )
  })

  it('takes one of several audiences', async () => {
    const { server, issuer } = await aTrustingServer()
    const both = await issuer.issue({ aud: ['https://other.example', 'https://models.example.com'] })
    expect((await exchange(server, both)).status).to.equal(200)
  })

  const mismatches: [what: string, claims: Record<string, unknown>, claim: string][] = [
    ['of another repository', { repository_id: '987654321' }, 'repository_id'],
    ['of a tag', { ref: 'refs/tags/v1' }, 'ref'],
    ['that says nothing of its repository', { repository_id: undefined }, 'repository_id'],
    ['for somebody else', { aud: 'https://other.example' }, 'aud'],
    ['for nobody', { aud: undefined }, 'aud'],
  ]
  for (const [what, claims, claim] of mismatches) {
    it(`${what} is refused, and the claim named: ${claim}`, async () => {
      const { server, issuer } = await aTrustingServer()
      const { status, body } = await exchange(server, await issuer.issue(claims))
      expect([status, body.code, body.claim]).to.deep.equal([403, 'identity-untrusted', claim])
      expect(body.detail).to.include(`claim ${claim}`)
      // What was expected is nobody's business who is not trusted.
      expect(body.detail).to.not.include('123456789')
    })
  }

  const unsound: [what: string, claims: Record<string, unknown>, claim: string][] = [
    ['that expired two minutes ago', { exp: NOW - 120 }, 'exp'],
    ['that is good in two minutes', { nbf: NOW + 120 }, 'nbf'],
    ['that never expires', { exp: undefined }, 'exp'],
    ['that is nobody’s', { sub: undefined }, 'sub'],
    ['that is for a number', { sub: 42 }, 'sub'],
    ['whose audience is an object', { aud: [{ toString: 'https://models.example.com' }] }, 'aud'],
  ]
  for (const [what, claims, claim] of unsound) {
    it(`${what} is refused: ${claim}`, async () => {
      const { server, issuer } = await aTrustingServer()
      const { status, body } = await exchange(server, await issuer.issue(claims))
      expect([status, body.code, body.claim]).to.deep.equal([401, 'identity-invalid', claim])
    })
  }

  it('goes by clocks that are half a minute apart', async () => {
    const { server, issuer } = await aTrustingServer()
    for (const claims of [{ exp: NOW - 30 }, { nbf: NOW + 30, iat: NOW + 30 }])
      expect((await exchange(server, await issuer.issue(claims))).status).to.equal(200)
  })

  it('of an issuer that is not trusted is refused, and that issuer is never asked', async () => {
    const { server } = await aTrustingServer()
    const other = await anIssuer()
    const { status, body } = await exchange(server, await other.issue())
    expect([status, body.code, body.claim]).to.deep.equal([403, 'identity-untrusted', 'iss'])
    expect(other.asked).to.deep.equal([])
  })

  it('in the name of a trusted issuer, by the key of another, is refused', async () => {
    const { server, issuer } = await aTrustingServer()
    const other = await anIssuer()
    const { status, body } = await exchange(server, await other.issue({ iss: issuer.url }))
    expect([status, body.code, body.claim]).to.deep.equal([401, 'identity-invalid', 'signature'])
  })

  it('without a signature, or with one that anybody can make, is refused', async () => {
    const { server, issuer } = await aTrustingServer()
    const [, payload = ''] = (await issuer.issue()).split('.')
    const header = (alg: string) => Buffer.from(JSON.stringify({ alg, kid: 'first' })).toString('base64url')
    for (const alg of ['none', 'None', 'NONE', '']) {
      const { status, body } = await exchange(server, `${header(alg)}.${payload}.`)
      expect([status, body.code], alg).to.deep.equal([401, 'identity-invalid'])
    }
    const [jwk] = issuer.keys
    const pem = await exportSPKI((await importJWK(jwk!, 'RS256')) as CryptoKey)
    for (const secret of [pem, pem.trim(), JSON.stringify(jwk), Buffer.from(jwk?.n ?? '', 'base64url'), '']) {
      const signed = `${header('HS256')}.${payload}`
      const mac = createHmac('sha256', secret).update(signed).digest('base64url')
      const { status, body } = await exchange(server, `${signed}.${mac}`)
      expect([status, body.code]).to.deep.equal([401, 'identity-invalid'])
    }
  })

  it('with a key of its own in its header is refused', async () => {
    const { server, issuer } = await aTrustingServer()
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const { SignJWT } = await import('jose')
    const [, payload = ''] = (await issuer.issue()).split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
    for (const header of [
      { jwk: publicKey.export({ format: 'jwk' }) },
      { jku: `${issuer.url}/keys` },
      { crit: ['x'], x: 1 },
    ]) {
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: 'first', ...header })
        .sign(privateKey, { crit: { x: true } })
      expect((await exchange(server, token)).status).to.equal(401)
    }
  })

  it('that is something else is refused', async () => {
    const { server } = await aTrustingServer()
    for (const token of ['', 'x', 'a.b.c', '....', 'e30.e30.e30', 'ü'.repeat(100)]) {
      const { status, body } = await exchange(server, token)
      expect([status, body.code], token).to.deep.equal([401, 'identity-invalid'])
    }
    expect((await exchange(server, 'x'.repeat(20_000))).status).to.equal(400)
  })

  it('is refused whichever of its bytes is changed', async () => {
    const { server, issuer } = await aTrustingServer()
    const token = await issuer.issue()
    const last = token.length - 1
    // Of the last character four bits are of no byte: decoders do not look at them.
    const other = (index: number) =>
      index === last ? nextCharacter(token) : token[index] === 'A' ? 'B' : 'A'
    for (const index of [...Array.from({ length: Math.ceil(last / 7) }, (_, part) => part * 7), last]) {
      const { status } = await exchange(server, token.slice(0, index) + other(index) + token.slice(index + 1))
      expect(status, String(index)).to.be.oneOf([401, 403])
    }
    for (const text of [`${token}\n`, ` ${token}`, `${token}==`])
      expect((await exchange(server, text)).status, JSON.stringify(text)).to.equal(401)
  })

  it('goes on over a rotation of keys, and asks for keys that nobody has only now and then', async () => {
    const { server, issuer } = await aTrustingServer()
    expect((await exchange(server, await issuer.issue())).status).to.equal(200)
    const before = await issuer.issue()
    await issuer.rotate('second')
    // The issuer is not asked again at once.
    expect((await exchange(server, await issuer.issue())).body.claim).to.equal('kid')
    server.clock.advance(31_000)
    expect((await exchange(server, await issuer.issue())).status).to.equal(200)
    // The old key is gone.
    expect((await exchange(server, before)).status).to.equal(401)
    const asked = issuer.asked.length
    for (let index = 0; index < 20; index++)
      await exchange(server, await issuer.issue({}, { kid: `invented ${index}` }))
    expect(issuer.asked.length - asked).to.equal(0)
  })

  it('goes by the keys that it knows while the issuer is away, for an hour', async () => {
    const { server, issuer } = await aTrustingServer()
    await exchange(server, await issuer.issue())
    issuer.answer = () => ({ status: 500 })
    const later = (minutes: number) => issuer.issue({ exp: NOW + 3 * 3600, nbf: NOW + minutes })
    server.clock.advance(30 * MINUTE)
    expect((await exchange(server, await later(30))).status).to.equal(200)
    server.clock.advance(31 * MINUTE)
    const { status, body, retryAfter } = await exchange(server, await later(61))
    expect([status, body.code, retryAfter]).to.deep.equal([503, 'issuer-unavailable', '5'])
    issuer.answer = undefined
    server.clock.advance(6_000)
    expect((await exchange(server, await later(61))).status).to.equal(200)
  })

  const wrongAnswers: [what: string, answer: NonNullable<OidcIssuer['answer']>][] = [
    ['redirects', () => ({ status: 302, headers: { Location: 'http://127.0.0.1:9/' } })],
    ['answers a web page', () => ({ status: 200, body: '<html>' })],
    ['answers without end', () => ({ status: 200, body: `"${'x'.repeat(1_000_000)}"` })],
    [
      'calls itself otherwise',
      () => ({ status: 200, body: '{"issuer":"https://other","jwks_uri":"https://other/keys"}' }),
    ],
    [
      'has too many keys',
      (path) =>
        path === '/keys'
          ? { status: 200, body: JSON.stringify({ keys: Array(101).fill({ kty: 'RSA' }) }) }
          : undefined,
    ],
  ]
  for (const [what, answer] of wrongAnswers) {
    it(`is told to come again where the issuer ${what}`, async () => {
      const { server, issuer } = await aTrustingServer()
      issuer.answer = answer
      const { status, body } = await exchange(server, await issuer.issue())
      expect([status, body.code]).to.deep.equal([503, 'issuer-unavailable'])
      expect(body.detail).to.not.match(/html|x{10}/)
    })
  }

  it('where the issuer cannot be reached is told to come again', async () => {
    const { server, issuer } = await aTrustingServer()
    const token = await issuer.issue()
    await issuer.stop()
    const { status, body } = await exchange(server, token)
    expect([status, body.code]).to.deep.equal([503, 'issuer-unavailable'])
  })

  it('has it logged once that the issuer is away, without a stack: anybody may send a token that names it', async () => {
    const { logger, lines } = keptLog()
    const server = await aServer({ publishToken: 'the-publish-token', logger })
    const issuer = await anIssuer()
    await trust(server, issuer)
    issuer.answer = () => ({ status: 500 })
    for (let times = 0; times < 3; times++) {
      expect((await exchange(server, await issuer.issue())).status).to.equal(503)
      server.clock.advance(6_000)
    }
    expect(issuer.asked.length).to.equal(3)
    const told = lines.filter(({ level }) => level >= logger.levels.values['warn']!)
    expect(told.map(({ msg, issuer: named, reason }) => [msg, named, reason])).to.deep.equal([
      ['issuer_unavailable', issuer.url, `${issuer.url}/.well-known/openid-configuration answered 500`],
    ])
    expect(told[0]).to.not.have.property('err')
  })

  it('writes neither token into the log', async () => {
    const { logger, text } = keptLog()
    const server = await aServer({ publishToken: 'the-publish-token', logger })
    const issuer = await anIssuer()
    await trust(server, issuer)
    const token = await issuer.issue()
    const { body } = await exchange(server, token)
    await exchange(server, `${token}x`)
    expect(text()).to.include('exchanged').and.include('shop-ci')
    for (const secret of [token, token.split('.')[2] ?? '', body.token]) expect(text()).to.not.include(secret)
  })
})
