import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { aRasa2Archive, anArchive } from '../support/archive-builder.ts'
import { callSlipway } from '../support/call-slipway.ts'
import { startAzurite } from '../support/services/azurite.ts'
import { startFakeGcsServer } from '../support/services/fake-gcs-server.ts'
import { withService } from '../support/services/service-process.ts'
import { startVersitygw } from '../support/services/versitygw.ts'

type Environment = Record<string, string>
type Cloud = 'aws' | 'gcs' | 'azure'

/** A bucket named `models` that is there, and how programs find it. */
interface Bucket {
  env: Environment
  /** Puts an object there, whatever its bytes. */
  put: (key: string, bytes: Buffer) => Promise<void>
}

/** What `slipway doctor --store` says of a bucket of one cloud. */
function describeStore(
  cloud: Cloud,
  prepare: () => Promise<Bucket>,
  wrong: Readonly<Record<string, Environment>>,
): void {
  describe(`slipway doctor --store ${cloud}`, function () {
    this.timeout(300_000)

    async function codesFor(args: string[], env: Environment): Promise<[number | null, string[]]> {
      const { code, out, error } = await callSlipway(['doctor', '--store', cloud, ...args, '--json'], { env })
      if (out === '') throw new Error(error)
      const { findings } = JSON.parse(out) as { findings: { code?: string }[] }
      return [code, findings.flatMap((finding) => finding.code ?? [])]
    }

    it('finds nothing where bucket and object are there', async () => {
      const { env, put } = await prepare()
      await put('shop.tar.gz', anArchive())
      expect(await codesFor([], env)).to.deep.equal([0, []])
      expect(await codesFor(['--model', 'shop'], env)).to.deep.equal([0, []])
    })

    it('says that the object is missing, is no archive, or is one that the bots cannot load', async () => {
      const { env, put } = await prepare()
      await put('text.tar.gz', Buffer.from('no archive'))
      await put('old.tar.gz', aRasa2Archive())
      await put('gap.tar.gz', anArchive({ without: ['components/train_RulePolicy0'] }))
      await put('cut.tar.gz', anArchive({ payloadBytes: 50_000 }).subarray(0, 20_000))
      expect(await codesFor(['--model', 'none'], env)).to.deep.equal([1, ['object-missing']])
      expect(await codesFor(['--model', 'text'], env)).to.deep.equal([1, ['object-not-archive']])
      expect(await codesFor(['--model', 'old'], env)).to.deep.equal([1, ['rasa-incompatible']])
      expect(await codesFor(['--model', 'gap'], env)).to.deep.equal([1, ['archive-unloadable']])
      expect(await codesFor(['--model', 'cut'], env)).to.deep.equal([1, ['archive-unloadable']])
    })

    for (const [what, more] of Object.entries(wrong)) {
      it(`says that the settings cannot work: ${what}`, async () => {
        const { env } = await prepare()
        expect(await codesFor(['--model', 'shop'], { ...env, ...more })).to.deep.equal([1, ['store-setting']])
      })
    }

    it('says that nothing listens at the endpoint', async () => {
      const { env } = await prepare()
      const nowhere = Object.fromEntries(
        Object.keys(env)
          .filter((name) => name.endsWith('ENDPOINT_URL'))
          .map((name) => [name, 'http://127.0.0.1:1']),
      )
      const [code, codes] = await codesFor([], { ...env, ...nowhere })
      expect([code, codes]).to.deep.equal([1, ['store-unreachable']])
    })
  })
}

describe('with versitygw', () => {
  const versitygw = withService(startVersitygw)
  describeStore(
    'aws',
    async () => {
      const { endpointUrl, region, credentials, makeBucket } = versitygw()
      const folder = await makeBucket('models')
      return {
        put: (key, bytes) => writeFile(path.join(folder, key), bytes),
        env: {
          BUCKET_NAME: 'models',
          AWS_ENDPOINT_URL: endpointUrl,
          AWS_DEFAULT_REGION: region,
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        },
      }
    },
    { 'no such bucket': { BUCKET_NAME: 'none' }, 'a wrong key': { AWS_SECRET_ACCESS_KEY: 'wrong' } },
  )
})

describe('with fake-gcs-server', () => {
  const gcs = withService(startFakeGcsServer)
  describeStore(
    'gcs',
    async () => {
      const { endpointUrl, makeBucket } = gcs()
      await makeBucket('models')
      return {
        put: async (key, bytes) => {
          const url = `${endpointUrl}/upload/storage/v1/b/models/o?uploadType=media&name=${key}`
          const response = await fetch(url, { method: 'POST', body: Uint8Array.from(bytes) })
          await response.arrayBuffer()
          expect(response.ok).to.equal(true)
        },
        env: { BUCKET_NAME: 'models', SLIPWAY_GCS_ENDPOINT_URL: endpointUrl },
      }
    },
    { 'no such bucket': { BUCKET_NAME: 'none' } },
  )
})

describe('with azurite', () => {
  const azurite = withService(startAzurite)
  describeStore(
    'azure',
    async () => {
      const { endpointUrl, accountName, accountKey, makeContainer } = azurite()
      await makeContainer('models')
      const credential = new StorageSharedKeyCredential(accountName, accountKey)
      const container = new BlobServiceClient(endpointUrl, credential).getContainerClient('models')
      return {
        put: async (key, bytes) => {
          await container.getBlockBlobClient(key).upload(bytes, bytes.length)
        },
        env: {
          AZURE_CONTAINER: 'models',
          AZURE_ACCOUNT_NAME: accountName,
          AZURE_ACCOUNT_KEY: accountKey,
          SLIPWAY_AZURE_ENDPOINT_URL: endpointUrl,
        },
      }
    },
    {
      'no such container': { AZURE_CONTAINER: 'none' },
      'a wrong key': { AZURE_ACCOUNT_KEY: Buffer.alloc(64, 1).toString('base64') },
    },
  )
})
