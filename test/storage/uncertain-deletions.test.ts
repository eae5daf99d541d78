import path from 'node:path'
import { expect } from 'chai'
import type { Bucket } from '../../storage/bucket/bucket.ts'
import { BucketStore } from '../../storage/bucket/bucket-store.ts'
import { defaultRetryPolicy } from '../../storage/bucket/retry-policy.ts'
import { Spool } from '../../storage/bucket/spool.ts'
import { UncertainDeletions } from '../../storage/bucket/uncertain-deletions.ts'
import { StoreUnavailable } from '../../storage/object-store.ts'
import { errorOf, getBytes, putBytes } from '../contracts/object-bytes.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { memoryBucket } from './memory-bucket.ts'

const SETTLE = 100

describe('a deletion that the store answers to nobody, and does later', () => {
  it('takes nothing away that was stored after it', async () => {
    const bucket = memoryBucket(true)
    const late: (() => Promise<void>)[] = []
    const standing: Bucket = {
      ...bucket,
      remove: (key, signal) => {
        late.push(() => bucket.remove(key, AbortSignal.any([])))
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error)
          })
        })
      },
    }
    const store = new BucketStore(standing, {
      folder: '',
      spool: new Spool(path.join(await temporaryDirectory(), 'spool')),
      retryPolicy: { ...defaultRetryPolicy, attempts: 1, answerTimeout: 20 },
      deletions: new UncertainDeletions(SETTLE),
    })
    const bytes = Buffer.from('an archive')
    await putBytes(store, 'a', bytes)
    expect(await errorOf(store.delete('a'))).to.be.instanceOf(StoreUnavailable)
    expect(await errorOf(putBytes(store, 'a', bytes))).to.be.instanceOf(StoreUnavailable)
    for (const remove of late) await remove()
    const storing = () => putBytes(store, 'a', bytes).catch(() => undefined)
    expect(await eventually('it is stored again', storing)).to.equal('created')
    expect(await getBytes(store, 'a')).to.deep.equal(bytes)
  })
})
