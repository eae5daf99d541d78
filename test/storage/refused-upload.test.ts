import { expect } from 'chai'
import { createServer } from 'node:http'
import path from 'node:path'
import { StoreMisconfigured } from '../../storage/object-store.ts'
import { openStore } from '../../storage/open-store.ts'
import type { StoreSettings } from '../../storage/store-settings.ts'
import { errorOf, sha256, someBytes } from '../contracts/object-bytes.ts'
import { listenOnLoopback } from '../support/listen-on-loopback.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

const clouds: Record<string, (endpointUrl: string) => StoreSettings> = {
  S3: (endpointUrl) => ({
    ...({ kind: 'aws', bucket: 'models', region: 'us-east-1', endpointUrl } as const),
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  }),
  'Google Cloud Storage': (endpointUrl) => ({ kind: 'gcs', bucket: 'models', endpointUrl }),
  Azure: (endpointUrl) => ({
    ...({ kind: 'azure', container: 'models', endpointUrl } as const),
    accountName: 'a',
    accountKey: 'YWJj',
  }),
}

describe('a large upload where the rights were taken away', () => {
  for (const [cloud, settings] of Object.entries(clouds)) {
    it(`is refused by ${cloud} at once, and not taken for an outage`, async () => {
      let requests = 0
      const server = createServer((request, response) => {
        requests += 1
        request.resume()
        response.writeHead(403).end()
      })
      const endpointUrl = `http://127.0.0.1:${await listenOnLoopback(server)}`
      const spool = path.join(await temporaryDirectory(), 'spool')
      const store = await openStore({ ...settings(endpointUrl), spool } as StoreSettings)
      afterThisTest(() => store.close())
      const bytes = someBytes(9 * 1024 * 1024)
      const staged = await store.stage()
      await staged.write(bytes)
      const error = await errorOf(staged.commit('key', { sha256: sha256(bytes), ifExists: 'keep' }))
      expect(error, error.message).to.be.instanceOf(StoreMisconfigured)
      expect(requests).to.be.lessThan(4)
      await staged.discard()
    })
  }
})
