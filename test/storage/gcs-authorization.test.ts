import { expect } from 'chai'
import { createVerify, generateKeyPairSync } from 'node:crypto'
import { gcpMetadata } from 'google-auth-library'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { defaultRetryPolicy } from '../../storage/bucket/retry-policy.ts'
import { CredentialsUnavailable, StoreMisconfigured } from '../../storage/object-store.ts'
import { googleAuthorization } from '../../storage/gcs/gcs-authorization.ts'
import { errorOf } from '../contracts/object-bytes.ts'
import { withEnvironment } from '../support/environment.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterThisTest(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
}

describe('the key file of a Google service account', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const authorize = async (tokenUri: string) => {
    const keyFile = path.join(await temporaryDirectory(), 'key.json')
    const key = { type: 'service_account', client_email: 'slipway@example.com', private_key: privateKey }
    await writeFile(keyFile, JSON.stringify({ ...key, token_uri: tokenUri }))
    return await googleAuthorization({ kind: 'gcs', bucket: 'models', keyFile })
  }

  it('has its token given where its token_uri says, once while it is good', async () => {
    const claims: Record<string, unknown>[] = []
    const tokenUri = await listen((request, response) => {
      void text(request).then((form) => {
        const [head, payload, signature] = new URLSearchParams(form).get('assertion')?.split('.') ?? []
        const verifier = createVerify('RSA-SHA256').update(`${head}.${payload}`)
        const isSigned = verifier.verify(publicKey, signature ?? '', 'base64url')
        if (isSigned) claims.push(JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as never)
        response.writeHead(isSigned ? 200 : 400, { 'Content-Type': 'application/json' })
        response.end(JSON.stringify({ access_token: 'let-me-in', expires_in: 3600, token_type: 'Bearer' }))
      })
    })
    const authorization = await authorize(tokenUri)
    expect(await authorization()).to.equal('Bearer let-me-in')
    expect(await authorization()).to.equal('Bearer let-me-in')
    expect(claims).to.have.length(1)
    expect(claims[0]).to.include({ aud: tokenUri, iss: 'slipway@example.com' })
  })

  it('is named where no token is given for it', async () => {
    const tokenUri = await listen((_request, response) => {
      response.writeHead(400, { 'Content-Type': 'application/json' }).end('{"error":"invalid_grant"}')
    })
    const error = await errorOf((await authorize(tokenUri))())
    expect(error).to.be.instanceOf(StoreMisconfigured)
    expect(error.message).to.include('GOOGLE_APPLICATION_CREDENTIALS').and.include('invalid_grant')
  })

  it('is no mistake where its tokens do not come in time', async () => {
    const tokenUri = await listen((_request, response) => response.writeHead(503).end())
    const error = await errorOf((await authorize(tokenUri))())
    expect(error, error.message).to.be.instanceOf(CredentialsUnavailable)
  })

  it('is named where its token_uri is no URL', async () => {
    const error = await errorOf(authorize('none'))
    expect(error).to.be.instanceOf(StoreMisconfigured)
    expect(error.message).to.include('token_uri')
  })
})

describe('the credentials of a machine of Google', () => {
  const machine = { kind: 'gcs', bucket: 'models' } as const
  const at = (url: string): void => {
    gcpMetadata.resetIsAvailableCache()
    withEnvironment({
      GCE_METADATA_HOST: new URL(url).host,
      GOOGLE_APPLICATION_CREDENTIALS: undefined,
      // No file of a person's either, and no machine that says by its hardware that it is Google's.
      CLOUDSDK_CONFIG: '/nonexistent',
      HOME: '/nonexistent',
      METADATA_SERVER_DETECTION: 'ping-only',
    })
  }

  it('are asked for again where the metadata server did not answer at first', async () => {
    let isAway = true
    const url = await listen((request, response) => {
      if (isAway) {
        response.destroy()
        return
      }
      const isToken = request.url?.includes('/token') === true
      response.writeHead(200, { 'Metadata-Flavor': 'Google', 'Content-Type': 'application/json' })
      response.end(isToken ? '{"access_token":"let-me-in","expires_in":3600,"token_type":"Bearer"}' : '"x"')
    })
    at(url)
    const authorization = await googleAuthorization(machine)
    const error = await errorOf(authorization())
    expect(error).to.be.instanceOf(CredentialsUnavailable)
    expect(error.message).to.include('GOOGLE_APPLICATION_CREDENTIALS')
    isAway = false
    expect(await authorization()).to.equal('Bearer let-me-in')
  })

  it('are not waited for without end', async () => {
    at(await listen(() => undefined))
    const retryPolicy = { ...defaultRetryPolicy, answerTimeout: 50 }
    const authorization = await googleAuthorization({ ...machine, retryPolicy })
    expect(await errorOf(authorization())).to.be.instanceOf(CredentialsUnavailable)
  })

  it('are a mistake where the machine has none', async () => {
    at(
      await listen((request, response) => {
        const isToken = request.url?.includes('/token') === true
        response.writeHead(isToken ? 404 : 200, { 'Metadata-Flavor': 'Google' }).end('"x"')
      }),
    )
    const error = await errorOf((await googleAuthorization(machine))())
    expect(error, error.message).to.be.instanceOf(StoreMisconfigured)
  })
})
