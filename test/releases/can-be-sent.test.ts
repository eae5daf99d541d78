import { expect } from 'chai'
import { DamagedBlobs } from '../../server/blobs/damaged-blobs.ts'
import type { BlobStore } from '../../server/blobs/blob-store.ts'
import { archiveCheck } from '../../server/composition/archive-check.ts'
import { soundBlobs } from '../rollouts/runner-support.ts'

const RELEASE = { number: 7, digest: '7'.repeat(64) }

/** Archives over a store that says so of each. */
const archives = (stat: BlobStore['stat']) => ({
  damaged: new DamagedBlobs(),
  blobs: new Proxy(soundBlobs(), {
    get: (target, name) => (name === 'stat' ? stat : (Reflect.get(target, name) as unknown)),
  }),
})
const there = () => Promise.resolve({ digest: RELEASE.digest, size: 1, version: '1', modifiedAt: 0 })

describe('whether bots could be sent an archive', () => {
  it('is yes where it is there', async () => {
    expect(await archiveCheck(archives(there))(RELEASE)).to.equal(true)
  })

  it('is no where it is gone', async () => {
    expect(await archiveCheck(archives(() => Promise.resolve(undefined)))(RELEASE)).to.equal(false)
  })

  it('is no where it is known to be damaged', async () => {
    const damaged = archives(there)
    damaged.damaged.add({ digest: RELEASE.digest, kind: 'damaged', version: '1', damagedAt: '' })
    expect(await archiveCheck(damaged)(RELEASE)).to.equal(false)
  })

  it('is yes where storage fails, or does not answer in time: an outage keeps no bad release with bots', async () => {
    const failing = archives(() => Promise.reject(new Error('it is away')))
    expect(await archiveCheck(failing)(RELEASE)).to.equal(true)
    const hanging = archives(() => new Promise(() => undefined))
    expect(await archiveCheck(hanging, 1)(RELEASE)).to.equal(true)
  })
})
