import { expect } from 'chai'
import { ConfigError, loadConfig } from '../../server/config/config.ts'
import { describeSettings } from '../../server/config/settings.ts'

const S3 = { STORAGE: 'aws', BUCKET_NAME: 'models', AWS_DEFAULT_REGION: 'eu-central-1' }

const storageOf = (env: Record<string, string>) => loadConfig(env, '/srv').storage

function mistakesOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env, '/srv')
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
  throw new Error('it was expected to be refused')
}

describe('the configuration of storage', () => {
  it('is files in DATA_DIR where nothing is said', () => {
    const { store, import: imported, export: exported } = storageOf({})
    expect(store).to.deep.equal({ kind: 'filesystem', root: '/srv/data/blobs' })
    expect([imported, exported]).to.deep.equal([undefined, undefined])
  })

  it("takes a cloud by Rasa's names, with its spool in DATA_DIR", () => {
    const { store } = storageOf({ ...S3, DATA_DIR: '/data', REMOTE_STORAGE_PATH: 'slipway/' })
    expect(store).to.include({ kind: 'aws', bucket: 'models', folder: 'slipway', spool: '/data/spool' })
  })

  it('says all that is wrong at once, each thing once', () => {
    const half = { AWS_ACCESS_KEY_ID: 'somebody' }
    const mistakes = mistakesOf({
      ...half,
      STORAGE: 'aws',
      PORT: 'x',
      AWS_ENDPOINT_URL: 'nowhere',
      SLIPWAY_IMPORT: 's3://models',
      SLIPWAY_EXPORT: 'ftp://models',
      SLIPWAY_EXPORT_TAGS: 'A b',
    })
    const names = ['PORT', 'BUCKET_NAME', 'AWS_ACCESS_KEY_ID', 'AWS_ENDPOINT_URL', 'SLIPWAY_EXPORT is']
    for (const name of names) {
      expect(
        mistakes.filter((mistake) => mistake.startsWith(name)),
        mistakes.join('\n'),
      ).to.have.length(1)
    }
  })

  it('refuses to export into what is imported', () => {
    for (const [from, to] of [
      ['s3://models', 's3://models'],
      ['s3://models/trained', 's3://models'],
      ['s3://models/trained/', 's3://models/trained'],
    ] as const) {
      expect(mistakesOf({ SLIPWAY_IMPORT: from, SLIPWAY_EXPORT: to }).join()).to.include('SLIPWAY_EXPORT')
    }
  })

  it('leaves the folder of the export alone where that lies in what is imported', () => {
    const config = storageOf({ SLIPWAY_IMPORT: 's3://models/all', SLIPWAY_EXPORT: 's3://models/all/live/' })
    expect(config.import).to.include({
      place: 's3://models/all',
      except: 'live',
      intervalMilliseconds: 30_000,
    })
    expect(config.export).to.include({ place: 's3://models/all/live', name: '{tag}.tar.gz' })
    expect(storageOf({ SLIPWAY_IMPORT: 's3://a', SLIPWAY_EXPORT: 's3://b' }).import?.except).to.equal(
      undefined,
    )
  })

  it('refuses names of exports that two tags could share, or that Rasa would not load', () => {
    const refused = [
      'production.tar.gz',
      '{tag}.zip',
      '{model}-{tag}.tar.gz',
      '{tag}/../x.tar.gz',
      '{t}{tag}.tar.gz',
    ]
    for (const name of refused) {
      expect(mistakesOf({ SLIPWAY_EXPORT_NAME: name }).join(), name).to.include('SLIPWAY_EXPORT_NAME')
    }
    for (const name of ['{model}/{tag}.tar.gz', '{tag}/of/{model}.tar.gz', 'live-{tag}.tar.gz']) {
      expect(() => storageOf({ SLIPWAY_EXPORT_NAME: name }), name).not.to.throw()
    }
  })

  it('is described with every name', () => {
    for (const name of ['BUCKET_NAME', 'AZURE_ACCOUNT_KEY', 'SLIPWAY_CACHE_BYTES', 'SLIPWAY_EXPORT_TAGS']) {
      expect(describeSettings()).to.include(`  ${name} `)
    }
  })
})
