import { expect } from 'chai'
import { anIssuer } from '../../support/oidc-issuer.ts'
import { aServer } from '../../support/server-under-test.ts'
import { ADMIN, aTrustingServer, exchange, publishTo, trust } from '../../support/trusting-server.ts'

describe('trusted publishers', () => {
  it('are listed with all that they need, and removed with the tokens that they were given', async () => {
    const { server, issuer } = await aTrustingServer()
    const { items } = (await server.request.get('/api/v1/trust').set(ADMIN)).body as { items: unknown[] }
    expect(items).to.deep.equal([
      {
        ...{ name: 'shop-ci', issuer: issuer.url, audience: 'https://models.example.com' },
        claims: { repository_id: '123456789', ref: 'refs/heads/*' },
        allow: ['publish:shop', 'promote:shop@staging'],
        ...{ createdAt: '2026-12-01T08:00:00.000Z', createdBy: 'publish-token' },
      },
    ])
    const { body } = await exchange(server, await issuer.issue())
    expect((await server.request.delete('/api/v1/trust/shop-ci').set(ADMIN)).status).to.equal(204)
    expect(await publishTo(server, 'shop', body.token)).to.equal(401)
    expect((await exchange(server, await issuer.issue())).body.code).to.equal('identity-untrusted')
    expect((await server.request.delete('/api/v1/trust/shop-ci').set(ADMIN)).status).to.equal(404)
  })

  it('have names of their own', async () => {
    const { server, issuer } = await aTrustingServer()
    const again = await trust(server, issuer)
    expect([again.status, again.body.code]).to.deep.equal([409, 'trust-exists'])
  })

  const GITHUB = { issuer: 'https://token.actions.githubusercontent.com' }
  const refused: [what: string, changes: Record<string, unknown>][] = [
    ['without claims', { claims: {} }],
    ['by claims that say nothing', { claims: { ref: '*' } }],
    ['by a claim that is checked anyway', { claims: { iss: 'x', ref: 'y' } }],
    ['on GitHub by a name that others may take', { ...GITHUB, claims: { repository: 'acme/shop' } }],
    [
      'on GitHub by its subject',
      { ...GITHUB, claims: { sub: 'repo:acme/shop:ref:refs/heads/main', repository_id: '1' } },
    ],
    ['on GitHub by any repository', { ...GITHUB, claims: { repository_id: '*', ref: 'refs/heads/main' } }],
    ['on gitlab.com by a path', { issuer: 'https://gitlab.com', claims: { project_path: 'acme/shop' } }],
    ['at an address without https', { issuer: 'http://issuer.example' }],
    ['at no address', { issuer: 'github' }],
    ['at an address with a query', { issuer: 'https://issuer.example/?x=1' }],
    ['with the right to make tokens', { allow: ['publish', 'admin'] }],
  ]
  for (const [what, changes] of refused) {
    it(`are not trusted ${what}`, async () => {
      const [server, issuer] = [await aServer({ publishToken: 'the-publish-token' }), await anIssuer()]
      const { status, body } = await trust(server, issuer, changes)
      expect([status, body.code]).to.deep.equal([422, 'trust-invalid'])
    })
  }

  it('are trusted on GitHub by ids', async () => {
    const [server, issuer] = [await aServer({ publishToken: 'the-publish-token' }), await anIssuer()]
    const claims = { repository_owner_id: '4242', environment: 'production' }
    expect((await trust(server, issuer, { ...GITHUB, claims })).status).to.equal(201)
  })
})
