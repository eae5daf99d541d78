import { expect } from 'chai'
import { StoreUnavailable } from '../../storage/object-store.ts'
import { openStore } from '../../storage/open-store.ts'
import type { StoreSettings } from '../../storage/store-settings.ts'
import { errorOf } from '../contracts/object-bytes.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const retryPolicy = {
  attempts: 1,
  firstPause: 1,
  longestPause: 1,
  answerTimeout: 10_000,
  stallTimeout: 1000,
  uploadRetryTime: 10,
}
// RFC 6761 §6.4: this name never resolves.
const endpointUrl = 'http://slipway.invalid'

const clouds: Record<string, StoreSettings> = {
  S3: {
    kind: 'aws',
    bucket: 'models',
    region: 'us-east-1',
    endpointUrl,
    retryPolicy,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  },
  'Google Cloud Storage': { kind: 'gcs', bucket: 'models', endpointUrl, retryPolicy },
  Azure: {
    kind: 'azure',
    container: 'models',
    accountName: 'a',
    accountKey: 'YWJj',
    endpointUrl,
    retryPolicy,
  },
}

describe('A name that does not resolve', () => {
  for (const [cloud, settings] of Object.entries(clouds)) {
    it(`makes ${cloud} unavailable: trying again may help`, async () => {
      const store = await openStore(settings)
      afterThisTest(() => store.close())
      expect(await errorOf(store.stat('a'))).to.be.instanceOf(StoreUnavailable)
    })
  }
})
