import { expect } from 'chai'
import { readStoreSettings, readStoreUrl } from '../../storage/read-store-settings.ts'

describe('readStoreSettings', () => {
  it('reads a bucket of S3 by the names that Rasa gives', () => {
    const env = {
      BUCKET_NAME: 'models',
      REMOTE_STORAGE_PATH: '/bots/one/',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:7070',
    }
    expect(readStoreSettings(env, 'aws', { spool: '/data/spool' })).to.deep.equal({
      settings: {
        kind: 'aws',
        bucket: 'models',
        folder: 'bots/one',
        region: 'eu-central-1',
        endpointUrl: 'http://127.0.0.1:7070',
        credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
        spool: '/data/spool',
      },
    })
  })

  it('leaves to the SDK where credentials come from when there are none', () => {
    expect(readStoreSettings({ BUCKET_NAME: 'models', AWS_DEFAULT_REGION: '' }, 'aws')).to.deep.equal({
      settings: { kind: 'aws', bucket: 'models' },
    })
  })

  it('takes the name that the SDKs have for sending fewer checksums', () => {
    const env = { BUCKET_NAME: 'models', AWS_REQUEST_CHECKSUM_CALCULATION: 'WHEN_REQUIRED' }
    expect(readStoreSettings(env, 'aws').settings).to.include({ checksums: 'when-required' })
  })

  it('reads a bucket of Google Cloud Storage, on an emulator by either name', () => {
    const env = { BUCKET_NAME: 'models', GOOGLE_APPLICATION_CREDENTIALS: '/key.json' }
    expect(readStoreSettings(env, 'gcs').settings).to.deep.equal({
      kind: 'gcs',
      bucket: 'models',
      keyFile: '/key.json',
    })
    const emulated = { BUCKET_NAME: 'models', STORAGE_EMULATOR_HOST: '127.0.0.1:4443' }
    expect(readStoreSettings(emulated, 'gcs').settings).to.include({ endpointUrl: 'http://127.0.0.1:4443' })
    const both = { ...emulated, SLIPWAY_GCS_ENDPOINT_URL: 'http://127.0.0.1:1' }
    expect(readStoreSettings(both, 'gcs').settings).to.include({ endpointUrl: 'http://127.0.0.1:1' })
  })

  it('reads a container of Azure', () => {
    const env = {
      AZURE_CONTAINER: 'models',
      AZURE_ACCOUNT_NAME: 'account',
      AZURE_ACCOUNT_KEY: 'a2V5',
      SLIPWAY_AZURE_ENDPOINT_URL: 'http://127.0.0.1:10000/account',
    }
    expect(readStoreSettings(env, 'azure').settings).to.deep.equal({
      kind: 'azure',
      container: 'models',
      accountName: 'account',
      accountKey: 'a2V5',
      endpointUrl: 'http://127.0.0.1:10000/account',
    })
  })

  it('names all mistakes together', () => {
    const env = { AWS_ACCESS_KEY_ID: 'id', AWS_ENDPOINT_URL: 'localhost:7070', REMOTE_STORAGE_PATH: 'a/../b' }
    const { mistakes } = readStoreSettings(env, 'aws')
    expect(mistakes).to.have.length(4)
    for (const name of ['BUCKET_NAME', 'AWS_SECRET_ACCESS_KEY', 'AWS_ENDPOINT_URL', 'REMOTE_STORAGE_PATH']) {
      expect(mistakes?.join('\n')).to.include(name)
    }
    expect(readStoreSettings({}, 'azure').mistakes).to.have.length(3)
  })
})

describe('readStoreUrl', () => {
  const access = { AZURE_ACCOUNT_NAME: 'account', AZURE_ACCOUNT_KEY: 'a2V5', BUCKET_NAME: 'another' }

  it('reads the place from the URL and the access from the variables', () => {
    expect(readStoreUrl('s3://models/bots/one', 'SLIPWAY_IMPORT', access).settings).to.deep.equal({
      kind: 'aws',
      bucket: 'models',
      folder: 'bots/one',
      bucketSetting: 'SLIPWAY_IMPORT',
    })
    expect(readStoreUrl('gs://models/', 'SLIPWAY_IMPORT', access).settings).to.include({
      kind: 'gcs',
      bucket: 'models',
    })
    expect(readStoreUrl('azure://models', 'SLIPWAY_IMPORT', access).settings).to.include({
      kind: 'azure',
      container: 'models',
    })
  })

  it('says what a URL should look like', () => {
    for (const url of ['', 'models', 'https://models/x', 's3://', 's3:///x', 's3://models/../x']) {
      expect(readStoreUrl(url, 'SLIPWAY_IMPORT', access).mistakes?.join(), url).to.include('SLIPWAY_IMPORT')
    }
  })
})
