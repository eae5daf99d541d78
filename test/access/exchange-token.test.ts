import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { MOST_GRANTS } from '../../protocol/grant.ts'
import { createToken } from '../../server/access/create-token.ts'
import { digestOfToken } from '../../server/access/draw-token.ts'
import { KnownTokens } from '../../server/access/known-tokens.ts'
import { addTrustedPublisher } from '../../server/access/oidc/add-trusted-publisher.ts'
import { exchangeToken, ISSUED_LIFETIME, MOST_ISSUED } from '../../server/access/oidc/exchange-token.ts'
import type { Identity } from '../../server/access/oidc/identity-verifier.ts'
import { removeTrustedPublisher } from '../../server/access/oidc/remove-trusted-publisher.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { aClock } from '../support/manual-clock.ts'

const IDENTITY: Identity = {
  issuer: 'https://ci.example.com',
  subject: 'shop',
  audiences: ['https://models.example.com'],
  claims: { project: '7' },
}

/** What exchanges, for one trusted publisher. @param verified Done while the issuer is asked. */
async function anExchange(verified: () => Promise<void> = () => Promise.resolve()) {
  const catalog = await aCatalog()
  const tokens = {
    catalog,
    clock: aClock(),
    knownTokens: new KnownTokens(),
    random: randomBytes,
  }
  await addTrustedPublisher(tokens, {
    name: 'shop-ci',
    issuer: IDENTITY.issuer,
    audience: 'https://models.example.com',
    claims: { project: '7' },
    allow: ['publish:shop'],
    createdBy: 'ada',
  })
  const verify = async () => {
    await verified()
    return IDENTITY
  }
  return { tokens, exchange: () => exchangeToken({ tokens, identities: { verify } }, 'a JWT') }
}

/** Another publisher that the identity is. */
const TAGS = {
  name: 'tags',
  issuer: IDENTITY.issuer,
  audience: 'https://models.example.com',
  claims: { project: '*7' },
  allow: ['promote:shop@staging'],
}

type Tokens = Awaited<ReturnType<typeof anExchange>>['tokens']

function opens({ knownTokens, clock }: Tokens, secret: string): boolean {
  return knownTokens.find(Buffer.from(digestOfToken(secret), 'hex'), clock.now()) !== undefined
}

describe('exchangeToken', () => {
  it('gives nothing to whom is trusted no more when the issuer has answered', async () => {
    const { tokens, exchange } = await anExchange(() => removeTrustedPublisher(tokens, 'shop-ci', 'ada'))
    expect(await rejection(exchange())).to.include({ code: 'identity-untrusted' })
    expect(await tokens.catalog.findTokens('shop-ci')).to.deep.equal([])
  })

  it('gives what all publishers allow that match, names them, and takes it back with each of them', async () => {
    for (const removed of ['shop-ci', 'tags']) {
      const { tokens, exchange } = await anExchange()
      await addTrustedPublisher(tokens, { ...TAGS, createdBy: 'ada' })
      const { token, secret } = await exchange()
      expect([token.name, token.allow, token.publishers]).to.deep.equal([
        'shop-ci',
        ['publish:shop', 'promote:shop@staging'],
        ['shop-ci', 'tags'],
      ])
      expect(opens(tokens, secret)).to.equal(true)
      await removeTrustedPublisher(tokens, removed, 'ada')
      expect(opens(tokens, secret)).to.equal(false)
    }
  })

  it('gives no token where publishers match that allow more than one holds, and says so', async () => {
    const { tokens, exchange } = await anExchange()
    const allow = Array.from({ length: MOST_GRANTS }, (_, index) => `publish:model-${index}`)
    await addTrustedPublisher(tokens, { ...TAGS, allow, createdBy: 'ada' })
    const refusal = await rejection(exchange())
    expect(refusal).to.include({ code: 'too-many-grants' })
    expect((refusal as Error).message).to.include('(shop-ci, tags), and together they allow 51 things')
    expect(await tokens.catalog.findTokens('shop-ci')).to.deep.equal([])
  })

  it('takes nothing back from a publisher that stays, whatever both of them allow', async () => {
    const { tokens, exchange } = await anExchange()
    const { secret } = await exchange()
    await addTrustedPublisher(tokens, { ...TAGS, allow: ['publish:shop'], createdBy: 'ada' })
    await removeTrustedPublisher(tokens, 'tags', 'ada')
    expect(opens(tokens, secret)).to.equal(true)
  })

  it('gives nothing to whom is trusted no more just before the token is kept', async () => {
    const { tokens, exchange } = await anExchange()
    const catalog = { ...tokens.catalog }
    tokens.catalog.writeShared = async (work) => {
      await removeTrustedPublisher({ ...tokens, catalog }, 'shop-ci', 'ada')
      return catalog.writeShared(work)
    }
    expect(await rejection(exchange())).to.include({ code: 'identity-untrusted' })
    expect(await tokens.catalog.findTokens('shop-ci')).to.deep.equal([])
  })

  it('gives nothing by what its publisher was allowed, where that is trusted anew for less just before the token is kept', async () => {
    const { tokens, exchange } = await anExchange()
    const catalog = { ...tokens.catalog }
    tokens.catalog.writeShared = async (work) => {
      const others = { ...tokens, catalog }
      await removeTrustedPublisher(others, 'shop-ci', 'ada')
      const less = { ...TAGS, name: 'shop-ci', allow: ['publish:other'], createdBy: 'ada' }
      await addTrustedPublisher(others, less)
      return catalog.writeShared(work)
    }
    expect(await rejection(exchange())).to.include({ code: 'identity-untrusted' })
    expect(await tokens.catalog.findTokens('shop-ci')).to.deep.equal([])
  })

  it('ends with its publisher what a server of an earlier version issued, which knew names alone', async () => {
    const { tokens } = await anExchange()
    const request = { name: 'shop-ci', by: 'shop-ci', lifetime: ISSUED_LIFETIME, subject: 'shop', allow: [] }
    const { secret } = await createToken(tokens, request)
    expect(opens(tokens, secret)).to.equal(true)
    await removeTrustedPublisher(tokens, 'shop-ci', 'ada')
    expect(opens(tokens, secret)).to.equal(false)
  })

  it('closes nothing: a run of CI must not have everybody refused who has no token', async () => {
    const { tokens, exchange } = await anExchange()
    await exchange()
    expect([tokens.knownTokens.size, tokens.knownTokens.isEmpty]).to.deep.equal([1, true])
  })

  it('gives a publisher no more tokens than it may have at once, however often an identity token is sent', async () => {
    const { tokens, exchange } = await anExchange()
    const { token } = await exchange()
    const issued = Array.from({ length: MOST_ISSUED - 1 }, (_, index) => ({
      ...token,
      id: 1_000 + index,
      digest: index.toString(16).padStart(64, '0'),
    }))
    tokens.knownTokens.restore({ ...tokens.knownTokens.save(), tokens: issued })
    expect(await rejection(exchange())).to.include({ code: 'overloaded' })
    tokens.clock.advance(ISSUED_LIFETIME)
    tokens.knownTokens.dropEnded(tokens.clock.now())
    expect((await exchange()).token.name).to.equal('shop-ci')
  })
})
