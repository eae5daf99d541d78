import { expect } from 'chai'
import type { Problem } from '../../protocol/problem.ts'
import type { IssuedToken } from '../../protocol/trusted-publisher.ts'
import { anArchive } from './archive-builder.ts'
import { anIssuer, type OidcIssuer } from './oidc-issuer.ts'
import { aServer, type ServerUnderTest } from './server-under-test.ts'

export const ADMIN = { Authorization: 'Bearer the-publish-token' } as const

export interface Trusting {
  server: ServerUnderTest
  issuer: OidcIssuer
}

/** A server that trusts one repository of an issuer. */
export async function aTrustingServer(changes: Record<string, unknown> = {}): Promise<Trusting> {
  const [server, issuer] = [await aServer({ publishToken: 'the-publish-token' }), await anIssuer()]
  expect((await trust(server, issuer, changes)).status).to.equal(201)
  return { server, issuer }
}

/** Has a server trust a publisher of an issuer, and gives its answer. */
export async function trust(
  server: ServerUnderTest,
  issuer: OidcIssuer,
  changes: Record<string, unknown> = {},
): Promise<{ status: number; body: Problem }> {
  const publisher = {
    ...{ name: 'shop-ci', issuer: issuer.url, audience: 'https://models.example.com' },
    claims: { repository_id: '123456789', ref: 'refs/heads/*' },
    ...{ allow: ['publish:shop', 'promote:shop@staging'], ...changes },
  }
  const { status, body } = await server.request.post('/api/v1/trust').set(ADMIN).send(publisher)
  return { status, body: body as Problem }
}

/** Exchanges an identity token, and gives the answer. */
export async function exchange(
  server: ServerUnderTest,
  token: string,
): Promise<{ status: number; body: IssuedToken & Problem & { claim?: string }; retryAfter: string | null }> {
  const answer = await fetch(`${server.url}/api/v1/oidc/token`, {
    method: 'POST',
    body: JSON.stringify({ token }),
    headers: { 'Content-Type': 'application/json' },
  })
  const body = (await answer.json()) as IssuedToken & Problem
  return { status: answer.status, body, retryAfter: answer.headers.get('retry-after') }
}

/** What a token opens: publishing to a model, by the status. */
export async function publishTo(server: ServerUnderTest, model: string, token: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` }
  const answer = await fetch(`${server.url}/models/${model}`, {
    ...{ method: 'POST', headers, body: Uint8Array.from(anArchive()) },
  })
  return answer.status
}
