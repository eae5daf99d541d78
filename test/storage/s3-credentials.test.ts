import { expect } from 'chai'
import { createServer, type RequestListener } from 'node:http'
import path from 'node:path'
import { CredentialsUnavailable, ObjectNotFound, StoreMisconfigured } from '../../storage/object-store.ts'
import { openStore } from '../../storage/open-store.ts'
import { errorOf } from '../contracts/object-bytes.ts'
import { withEnvironment } from '../support/environment.ts'
import { listenOnLoopback } from '../support/listen-on-loopback.ts'
import { startVersitygw } from '../support/services/versitygw.ts'
import { withService } from '../support/services/service-process.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

const ROLE = 'arn:aws:iam::123456789012:role/slipway'

/** Nothing but what a test sets: no keys, no profile, no file in a home. */
const nothing = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_PROFILE: undefined,
  AWS_CONFIG_FILE: '/nonexistent',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1',
}

async function service(answer: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listenOnLoopback(createServer(answer))}`
}

const says =
  (status: number, body = ''): RequestListener =>
  (_request, response) =>
    response.writeHead(status).end(body)

describe('the credentials of S3 where no keys are set', () => {
  const versitygw = withService(startVersitygw)

  const stat = async (attempts = 1): Promise<unknown> => {
    const { endpointUrl, region, makeBucket } = versitygw()
    await makeBucket('models')
    const waits = { answerTimeout: 10_000, stallTimeout: 10_000, uploadRetryTime: 10 }
    const retryPolicy = { attempts, firstPause: 1, longestPause: 1, ...waits }
    const store = await openStore({ kind: 'aws', bucket: 'models', endpointUrl, region, retryPolicy })
    afterThisTest(() => store.close())
    return await store.stat('none')
  }

  it('are asked for again where the metadata service of the machine did not answer', async () => {
    let requests = 0
    const { credentials } = versitygw()
    const expiration = new Date(Date.now() + 3_600_000).toISOString()
    const facts = { AccessKeyId: credentials.accessKeyId, SecretAccessKey: credentials.secretAccessKey }
    const endpoint = await service((request, response) => {
      requests += 1
      // Both that it asks for first are lost: a token, and what it falls back to without one.
      if (requests <= 2) return response.destroy()
      if (request.method === 'PUT') return response.end('token')
      if (request.url?.endsWith('/slipway') !== true) return response.end('slipway')
      return response.end(JSON.stringify({ ...facts, Token: '', Expiration: expiration }))
    })
    withEnvironment({ ...nothing, AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint })
    expect(await stat(2)).to.equal(undefined)
    expect(requests).to.be.greaterThan(2)
  })

  const passing: Record<string, (url: string) => Record<string, string>> = {
    'the metadata service': (url) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url }),
    'the service of a container': (url) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/role` }),
    'the token service': (url) => ({
      AWS_WEB_IDENTITY_TOKEN_FILE: import.meta.filename,
      AWS_ROLE_ARN: ROLE,
      AWS_ENDPOINT_URL_STS: url,
    }),
  }
  for (const [who, env] of Object.entries(passing)) {
    it(`are a fault that passes where ${who} cannot answer now`, async () => {
      withEnvironment({ ...nothing, ...env(await service(says(503))) })
      const error = await errorOf(stat())
      expect(error).to.be.instanceOf(CredentialsUnavailable)
      expect(error.message).to.include('AWS_ACCESS_KEY_ID')
    })
  }

  it('are not waited for without end', async () => {
    const silent = await service(() => undefined)
    withEnvironment({ ...nothing, AWS_CONTAINER_CREDENTIALS_FULL_URI: `${silent}/role` })
    const { endpointUrl, region } = versitygw()
    const waits = { answerTimeout: 1000, stallTimeout: 100, uploadRetryTime: 10 }
    const retryPolicy = { attempts: 2, firstPause: 1, longestPause: 1, ...waits }
    const store = await openStore({ kind: 'aws', bucket: 'models', endpointUrl, region, retryPolicy })
    afterThisTest(() => store.close())
    expect(await errorOf(store.stat('none'))).to.be.instanceOf(CredentialsUnavailable)
  })

  it('are no missing object where a proxy answers 404 for the token service', async () => {
    withEnvironment({ ...nothing, ...passing['the token service']?.(await service(says(404))) })
    const error = await errorOf(stat())
    expect(error).not.to.be.instanceOf(ObjectNotFound)
    expect(error).to.be.instanceOf(CredentialsUnavailable)
  })

  it('are a mistake where the token service refuses the role', async () => {
    const refusal =
      '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>'
    withEnvironment({ ...nothing, ...passing['the token service']?.(await service(says(403, refusal))) })
    const error = await errorOf(stat())
    expect(error).to.be.instanceOf(StoreMisconfigured)
    expect(error.message).to.include('check AWS_ROLE_ARN')
  })

  it('are a mistake where the address of a service is no URL', async () => {
    withEnvironment({ ...nothing, AWS_EC2_METADATA_SERVICE_ENDPOINT: 'none' })
    expect(await errorOf(stat())).to.be.instanceOf(StoreMisconfigured)
  })

  it('are a mistake where the file of the token is missing', async () => {
    const missing = path.join(await temporaryDirectory(), 'token')
    withEnvironment({ ...nothing, AWS_WEB_IDENTITY_TOKEN_FILE: missing, AWS_ROLE_ARN: ROLE })
    expect(await errorOf(stat())).to.be.instanceOf(StoreMisconfigured)
  })
})
