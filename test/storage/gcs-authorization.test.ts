import { expect } from 'chai'
import { createVerify, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { StoreMisconfigured } from '../../storage/object-store.ts'
import { googleAuthorization } from '../../storage/gcs/gcs-authorization.ts'
import { errorOf } from '../contracts/object-bytes.ts'
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

  it('is named where its token_uri is no URL', async () => {
    const error = await errorOf(authorize('none'))
    expect(error).to.be.instanceOf(StoreMisconfigured)
    expect(error.message).to.include('token_uri')
  })
})
