import { expect } from 'chai'
import { DamagedBlobs } from '../../server/blobs/damaged-blobs.ts'
import { followDamage } from '../../server/blobs/follow-damage.ts'
import type { DamagedBlob } from '../../server/coordination/known-damage.ts'
import { eventually } from '../support/eventually.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const damaged = (digest: string): DamagedBlob => ({
  digest,
  kind: 'damaged',
  version: '1',
  damagedAt: '2026-01-01T00:00:00.000Z',
})

describe('damage that other servers find', () => {
  it('is known here, and forgotten when they heal it; what was found here and is not written yet stays', async () => {
    const blobs = new DamagedBlobs()
    blobs.add(damaged('known at the start'))
    blobs.add(damaged('found elsewhere'))
    let listed = [damaged('known at the start'), damaged('found elsewhere')]
    const stopping = new AbortController()
    const following = followDamage(
      () => Promise.resolve(listed),
      blobs,
      stopping.signal,
      () => undefined,
      5,
    )
    afterThisTest(async () => {
      stopping.abort()
      await following
    })
    blobs.add(damaged('found here'))
    listed = [damaged('found elsewhere'), damaged('found lately')]
    await eventually('it is taken in', () => blobs.find('found lately') !== undefined)
    const names = blobs.all().map(({ digest }) => digest)
    expect(names).to.have.members(['found elsewhere', 'found here', 'found lately'])
  })
})
