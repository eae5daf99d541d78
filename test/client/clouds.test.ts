import { expect } from 'chai'
import { readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { anArchive } from '../support/archive-builder.ts'
import { callSlipway } from '../support/call-slipway.ts'
import { nextSecond } from '../support/next-second.ts'
import { digestOf } from '../support/serve-archive.ts'
import { startAzurite } from '../support/services/azurite.ts'
import { startFakeGcsServer } from '../support/services/fake-gcs-server.ts'
import { withService } from '../support/services/service-process.ts'
import { startVersitygw } from '../support/services/versitygw.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

type Environment = Record<string, string>

/** Saves to a cloud by Rasa's names, and pulls from there, as a team would from its shell. */
function describeCloud(storage: string, prepare: () => Promise<Environment>): void {
  describe(`--remote-storage ${storage}`, function () {
    this.timeout(60_000)

    it('saves under the name that Rasa would ask for, and pulls it again', async () => {
      const env = await prepare()
      const [archive, to] = [anArchive(), await temporaryDirectory()]
      const file = path.join(await temporaryDirectory(), 'local.tar.gz')
      await writeFile(file, archive)
      const saved = await callSlipway(['push', file, '--remote-storage', storage, '--name', 'shop'], { env })
      expect(saved.code, saved.error).to.equal(0)
      expect(saved.out).to.equal('shop.tar.gz\n')
      expect((await stat(file)).isFile()).to.equal(true)
      for (const name of ['shop', 'shop.tar.gz']) {
        const pulled = await callSlipway(['pull', '--remote-storage', storage, '--model', name, '--to', to], {
          env,
        })
        expect(pulled.code, pulled.error).to.equal(0)
        expect(digestOf(await readFile(pulled.out.trim()))).to.equal(digestOf(archive))
      }
    })

    it('pulls the newest of a folder', async () => {
      const env = { ...(await prepare()), REMOTE_STORAGE_PATH: 'newest/of' }
      const [old, fresh, to] = [anArchive(), anArchive(), await temporaryDirectory()]
      for (const [name, archive] of [
        ['b', old],
        ['a', fresh],
      ] as const) {
        const file = path.join(await temporaryDirectory(), `${name}.tar.gz`)
        await writeFile(file, archive)
        await callSlipway(['push', file, '--remote-storage', storage], { env })
        // Clouds keep whole seconds: the second archive belongs to a later one.
        if (archive === old) await nextSecond()
      }
      const { out, error } = await callSlipway(
        ['pull', '--remote-storage', storage, '--model', '--to', to, '--json'],
        { env },
      )
      expect(JSON.parse(out), error).to.include({ event: 'installed', digest: digestOf(fresh) })
    })

    it('exits with 5 for a name that is not there', async () => {
      const env = await prepare()
      const to = await temporaryDirectory()
      const { code, error } = await callSlipway(
        ['pull', '--remote-storage', storage, '--model', 'none', '--to', to],
        { env },
      )
      expect(code, error).to.equal(5)
    })

    it('saves no file that is not an archive', async () => {
      const file = path.join(await temporaryDirectory(), 'x.tar.gz')
      await writeFile(file, 'not an archive')
      expect(
        (await callSlipway(['push', file, '--remote-storage', storage], { env: await prepare() })).code,
      ).to.equal(4)
    })
  })
}

describe('with azurite', () => {
  const azurite = withService(startAzurite)
  describeCloud('azure', async () => {
    const { endpointUrl, accountName, accountKey, makeContainer } = azurite()
    await makeContainer('models')
    return {
      AZURE_CONTAINER: 'models',
      AZURE_ACCOUNT_NAME: accountName,
      AZURE_ACCOUNT_KEY: accountKey,
      SLIPWAY_AZURE_ENDPOINT_URL: endpointUrl,
    }
  })
})

describe('with versitygw', () => {
  const versitygw = withService(startVersitygw)
  describeCloud('aws', async () => {
    const { endpointUrl, region, credentials, makeBucket } = versitygw()
    await makeBucket('models')
    return {
      BUCKET_NAME: 'models',
      AWS_ENDPOINT_URL: endpointUrl,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    }
  })
})

describe('with fake-gcs-server', () => {
  const gcs = withService(startFakeGcsServer)
  describeCloud('gcs', async () => {
    const { endpointUrl, makeBucket } = gcs()
    await makeBucket('models')
    return { BUCKET_NAME: 'models', SLIPWAY_GCS_ENDPOINT_URL: endpointUrl }
  })
})
