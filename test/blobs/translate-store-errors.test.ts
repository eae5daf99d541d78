import { expect } from 'chai'
import { translateStoreErrors } from '../../server/blobs/translate-store-errors.ts'
import { BucketFull, StoreFull, StoreMisconfigured, StoreUnavailable } from '../../storage/object-store.ts'
import { errorOf } from '../contracts/object-bytes.ts'

describe('What a store throws, as the server says it', () => {
  const cases = [
    [new StoreUnavailable('busy'), 'storage-unavailable'],
    [new StoreMisconfigured('the rights were taken away'), 'storage-unavailable'],
    [new BucketFull('no more'), 'storage-unavailable'],
    [new StoreFull('no space here'), 'disk-full'],
    [new Error('unheard of'), 'storage-failed'],
  ] as const
  for (const [error, code] of cases) {
    it(`is ${code} of ${error.name}: ${error.message}`, async () => {
      expect(await errorOf(translateStoreErrors(Promise.reject(error)))).to.include({ code, cause: error })
    })
  }
})
