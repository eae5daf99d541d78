import { expect } from 'chai'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { openStore } from '../../storage/open-store.ts'
import { StoreMisconfigured, StoreUnavailable } from '../../storage/object-store.ts'
import type { RetryPolicy } from '../../storage/bucket/retry-policy.ts'
import type { AzureSettings, GcsSettings, S3Settings, StoreSettings } from '../../storage/store-settings.ts'
import { errorOf } from '../contracts/object-bytes.ts'
import { freePort } from '../support/free-port.ts'
import { startAzurite } from '../support/services/azurite.ts'
import { startFakeGcsServer } from '../support/services/fake-gcs-server.ts'
import { withService } from '../support/services/service-process.ts'
import { startVersitygw } from '../support/services/versitygw.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

const retryPolicy: RetryPolicy = {
  attempts: 2,
  firstPause: 5,
  longestPause: 5,
  answerTimeout: 5000,
  stallTimeout: 5000,
  uploadRetryTime: 100,
}

async function probe(settings: StoreSettings): Promise<void> {
  const store = await openStore(settings)
  afterThisTest(() => store.close())
  await store.probe()
}

/** The message of the StoreMisconfigured that a probe must end in, and that looking for an object or opening it must tell too. */
async function mistakeOf(settings: StoreSettings): Promise<string> {
  const error = await errorOf(probe(settings))
  expect(error, error.message).to.be.instanceOf(StoreMisconfigured)
  const [, advice] = /(check [A-Z_]+)/.exec(error.message) ?? []
  for (const call of ['stat', 'open'] as const) {
    const ask = async (): Promise<void> => {
      const store = await openStore(settings)
      afterThisTest(() => store.close())
      await store[call]('none')
    }
    const other = await errorOf(ask())
    expect(other, other.message).to.be.instanceOf(StoreMisconfigured)
    expect(other.message).to.include(advice)
  }
  return error.message
}

describe('the probe of S3', () => {
  const versitygw = withService(startVersitygw)
  let good: S3Settings

  beforeEach(async () => {
    const { endpointUrl, region, credentials, makeBucket } = versitygw()
    await makeBucket('models')
    const spool = path.join(await temporaryDirectory(), 'spool')
    good = { kind: 'aws', bucket: 'models', endpointUrl, region, credentials, spool, retryPolicy }
  })

  it('finds that the server creates once', async () => {
    const store = await openStore(good)
    afterThisTest(() => store.close())
    await store.probe()
    expect(store).to.include({ createsOnce: true })
  })

  it('names the variable of a wrong key, secret, bucket or region', async () => {
    const { accessKeyId, secretAccessKey } = versitygw().credentials
    const wrongKey = { accessKeyId: 'nobody', secretAccessKey }
    const wrongSecret = { accessKeyId, secretAccessKey: 'guessed' }
    expect(await mistakeOf({ ...good, credentials: wrongKey })).to.include('check AWS_ACCESS_KEY_ID')
    expect(await mistakeOf({ ...good, credentials: wrongSecret })).to.include('check AWS_SECRET_ACCESS_KEY')
    expect(await mistakeOf({ ...good, bucket: 'another' })).to.include('check BUCKET_NAME')
    expect(await mistakeOf({ ...good, bucket: 'another', bucketSetting: 'SLIPWAY_IMPORT' })).to.include(
      'check SLIPWAY_IMPORT',
    )
    expect(await mistakeOf({ ...good, region: 'eu-central-1' })).to.include('check AWS_DEFAULT_REGION')
  })

  it('says where nobody answers, and that trying again may help', async () => {
    const endpointUrl = `http://127.0.0.1:${await freePort()}`
    const error = await errorOf(probe({ ...good, endpointUrl }))
    expect(error).to.be.instanceOf(StoreUnavailable)
    expect(error.message).to.include(endpointUrl)
  })

  it('tells no secret', async () => {
    const wrong = { accessKeyId: 'nobody', secretAccessKey: 'very-secret' }
    const error = await errorOf(probe({ ...good, credentials: wrong }))
    expect(error.message + (await openStore(good)).description).not.to.include('secret-')
    expect(error.message).not.to.include('very-secret')
  })
})

describe('the probe of Google Cloud Storage', () => {
  const fakeGcsServer = withService(startFakeGcsServer)
  let good: GcsSettings

  beforeEach(async () => {
    const { endpointUrl, makeBucket } = fakeGcsServer()
    await makeBucket('models')
    const spool = path.join(await temporaryDirectory(), 'spool')
    good = { kind: 'gcs', bucket: 'models', endpointUrl, spool, retryPolicy }
  })

  it('finds that the server creates once', async () => {
    const store = await openStore(good)
    afterThisTest(() => store.close())
    await store.probe()
    expect(store).to.include({ createsOnce: true })
  })

  it('names the variable of a wrong bucket or key file', async () => {
    expect(await mistakeOf({ ...good, bucket: 'another' })).to.include('check BUCKET_NAME')
    const keyFile = path.join(await temporaryDirectory(), 'key.json')
    expect(await mistakeOf({ ...good, keyFile })).to.include('check GOOGLE_APPLICATION_CREDENTIALS')
    await writeFile(keyFile, '{"type":"service_account","client_email":"a@b","private_key":"no key"}')
    expect(await mistakeOf({ ...good, keyFile })).to.include('check GOOGLE_APPLICATION_CREDENTIALS')
  })

  it('says where nobody answers, and that trying again may help', async () => {
    const endpointUrl = `http://127.0.0.1:${await freePort()}`
    const error = await errorOf(probe({ ...good, endpointUrl }))
    expect(error).to.be.instanceOf(StoreUnavailable)
    expect(error.message).to.include(endpointUrl)
  })
})

describe('the probe of Azure', () => {
  const azurite = withService(startAzurite)
  let good: AzureSettings

  beforeEach(async () => {
    const { endpointUrl, accountName, accountKey, makeContainer } = azurite()
    await makeContainer('models')
    const spool = path.join(await temporaryDirectory(), 'spool')
    good = { kind: 'azure', container: 'models', accountName, accountKey, endpointUrl, spool, retryPolicy }
  })

  it('finds that the server creates once', async () => {
    const store = await openStore(good)
    afterThisTest(() => store.close())
    await store.probe()
    expect(store).to.include({ createsOnce: true })
  })

  it('names the variable of a wrong key, container or account', async () => {
    const accountKey = Buffer.from('guessed').toString('base64')
    expect(await mistakeOf({ ...good, accountKey })).to.include('AZURE_ACCOUNT_KEY')
    expect(await mistakeOf({ ...good, container: 'another' })).to.include('check AZURE_CONTAINER')
    expect(await mistakeOf({ ...good, accountName: 'nobody' })).to.include('AZURE_ACCOUNT_NAME')
  })

  it('says where nobody answers, and that trying again may help', async () => {
    const endpointUrl = `http://127.0.0.1:${await freePort()}/teststore`
    const error = await errorOf(probe({ ...good, endpointUrl }))
    expect(error).to.be.instanceOf(StoreUnavailable)
    expect(error.message).to.include(endpointUrl)
  })
})
