import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { afterThisTest } from './temporary-directory.ts'

/** An issuer of identity tokens, as GitHub's and Kubernetes' are: it describes itself and publishes its keys. */
export interface OidcIssuer {
  /** `iss` of its tokens. */
  url: string
  /** Addresses that it was asked for, in order. */
  asked: string[]
  /** How it answers, unless as it should. */
  answer:
    | ((path: string) => { status: number; headers?: Record<string, string>; body?: string } | undefined)
    | undefined
  /** It answers nothing before this. */
  until: Promise<void>
  /** Its keys as it publishes them. */
  keys: JWK[]
  /** Signs with a key of its own; `claims` replace those that a token usually has. */
  issue: (
    claims?: Record<string, unknown>,
    options?: { kid?: string; alg?: string; key?: CryptoKey | Uint8Array },
  ) => Promise<string>
  /** Has a new key in place of the one before. */
  rotate: (kid: string) => Promise<void>
  stop: () => Promise<void>
}

/** The clock of tests stands here. */
const NOW = Date.parse('2026-12-01T08:00:00.000Z') / 1000

/** Starts an issuer that ends with the current test. */
export async function anIssuer(): Promise<OidcIssuer> {
  let signing: { kid: string; key: CryptoKey } | undefined
  const issuer: OidcIssuer = {
    url: '',
    asked: [],
    answer: undefined,
    until: Promise.resolve(),
    keys: [],
    issue: (claims = {}, { kid = signing?.kid ?? '', alg = 'RS256', key = signing?.key } = {}) =>
      new SignJWT({ ...usualClaims(issuer.url), ...claims })
        .setProtectedHeader({ alg, kid, typ: 'JWT' })
        .sign(key ?? new Uint8Array(32)),
    rotate: async (kid) => {
      const { privateKey, publicKey } = await generateKeyPair('RS256')
      signing = { kid, key: privateKey }
      issuer.keys = [{ ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' }]
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
      }),
  }
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    issuer.asked.push(path)
    void issuer.until.then(() => {
      reply(path, response)
    })
  })
  function reply(path: string, response: ServerResponse): void {
    const told = issuer.answer?.(path)
    if (told !== undefined) {
      response.writeHead(told.status, told.headers).end(told.body)
      return
    }
    const body =
      path === '/keys' ? { keys: issuer.keys } : { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` }
    response.setHeader('Connection', 'close')
    response.end(JSON.stringify(body))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await issuer.rotate('first')
  afterThisTest(async () => {
    server.closeAllConnections()
    await issuer.stop().catch(() => undefined)
  })
  return issuer
}

/** What GitHub says of a run, as far as it matters here. */
function usualClaims(iss: string): Record<string, unknown> {
  return {
    iss,
    aud: 'https://models.example.com',
    sub: 'repo:acme/shop:ref:refs/heads/main',
    iat: NOW - 5,
    nbf: NOW - 5,
    exp: NOW + 300,
    jti: 'one',
    repository_id: '123456789',
    repository_owner_id: '4242',
    repository: 'acme/shop',
    ref: 'refs/heads/main',
    environment: 'production',
    run_attempt: 1,
    is_fork: false,
    job_workflow_ref: 'acme/shop/.github/workflows/train.yml@refs/heads/main',
    workflow_ref: 'acme/shop/.github/workflows/train.yml@refs/heads/main',
  }
}
