import { expect } from 'chai'
import fc from 'fast-check'
import { quotaFault } from '../../server/releases/quota.ts'

const limit = fc.option(fc.integer({ min: 1, max: 60 }), { nil: null })

describe('the quota of a model', () => {
  it('is never exceeded, and refuses nothing that fits', () => {
    const archive = fc.record({ digest: fc.integer({ min: 0, max: 9 }), isDeletion: fc.boolean() })
    fc.assert(
      fc.property(limit, limit, fc.array(archive, { maxLength: 60 }), (bytes, releases, steps) => {
        const has: number[] = []
        // The size belongs to the bytes.
        const sizeOf = (digest: number) => 3 + digest
        const bytesWithout = (without?: number) =>
          [...new Set(has)]
            .filter((digest) => digest !== without)
            .reduce((sum, each) => sum + sizeOf(each), 0)
        for (const { digest, isDeletion } of steps) {
          if (isDeletion) {
            has.shift()
            continue
          }
          const use = { releases: has.length, bytes: bytesWithout(digest) }
          const fault = quotaFault({ bytes, releases }, use, sizeOf(digest))
          const after = { releases: has.length + 1, bytes: use.bytes + sizeOf(digest) }
          const fits = after.releases <= (releases ?? Infinity) && after.bytes <= (bytes ?? Infinity)
          expect(fault === undefined).to.equal(fits)
          if (fault === undefined) has.push(digest)
        }
        expect(has.length).to.be.at.most(releases ?? Infinity)
        expect(bytesWithout()).to.be.at.most(bytes ?? Infinity)
      }),
    )
  })
})
