import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { KnownTokens } from '../../server/access/known-tokens.ts'
import { addTrustedPublisher } from '../../server/access/oidc/add-trusted-publisher.ts'
import { exchangeToken, ISSUED_LIFETIME, MOST_ISSUED } from '../../server/access/oidc/exchange-token.ts'
import type { Identity } from '../../server/access/oidc/identity-verifier.ts'
import { removeTrustedPublisher } from '../../server/access/oidc/remove-trusted-publisher.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { aClock } from '../support/manual-clock.ts'

const IDENTITY: Identity = {
  ...{ issuer: 'https://ci.example.com', subject: 'shop', audiences: ['https://models.example.com'] },
  claims: { project: '7' },
}

/** What exchanges, for one trusted publisher. @param verified Done while the issuer is asked. */
async function anExchange(verified: () => Promise<void> = () => Promise.resolve()) {
  const tokens = {
    ...{ catalog: await aCatalog(), clock: aClock(), knownTokens: new KnownTokens(), random: randomBytes },
  }
  await addTrustedPublisher(tokens, {
    ...{ name: 'shop-ci', issuer: IDENTITY.issuer, audience: 'https://models.example.com' },
    ...{ claims: { project: '7' }, allow: ['publish:shop'], createdBy: 'ada' },
  })
  const verify = async () => {
    await verified()
    return IDENTITY
  }
  return { tokens, exchange: () => exchangeToken({ tokens, identities: { verify } }, 'a JWT') }
}

describe('exchangeToken', () => {
  it('gives nothing to whom is trusted no more when the issuer has answered', async () => {
    const { tokens, exchange } = await anExchange(() => removeTrustedPublisher(tokens, 'shop-ci', 'ada'))
    expect(await rejection(exchange())).to.include({ code: 'identity-untrusted' })
    expect(await tokens.catalog.findTokens('shop-ci')).to.deep.equal([])
  })

  it('gives a publisher no more tokens than it may have at once, however often an identity token is sent', async () => {
    const { tokens, exchange } = await anExchange()
    const { token } = await exchange()
    const issued = Array.from({ length: MOST_ISSUED - 1 }, (_, index) => ({
      ...{ ...token, id: 1_000 + index, digest: index.toString(16).padStart(64, '0') },
    }))
    tokens.knownTokens.restore({ ...tokens.knownTokens.save(), tokens: issued })
    expect(await rejection(exchange())).to.include({ code: 'overloaded' })
    tokens.clock.advance(ISSUED_LIFETIME)
    tokens.knownTokens.dropEnded(tokens.clock.now())
    expect((await exchange()).token.name).to.equal('shop-ci')
  })
})
