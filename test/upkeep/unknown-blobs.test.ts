import { expect } from 'chai'
import { isOtherCatalogs } from '../../server/upkeep/unknown-blobs.ts'

describe('a storage with blobs that the catalog does not know', () => {
  const cases: [known: number, unknown: number, isOther: boolean, why: string][] = [
    [0, 0, false, 'is empty'],
    [50, 0, false, 'is known'],
    [1, 1, false, 'has what one crash left'],
    [1, 2, false, 'has what two crashes left'],
    [5, 5, false, 'is half known'],
    [0, 1, true, 'is unknown to an empty catalog'],
    [1, 5, true, 'has one release, published after the catalog was lost'],
    [100, 5_000, true, 'is mostly unknown'],
  ]
  for (const [known, unknown, isOther, why] of cases) {
    it(`is ${isOther ? 'left alone' : 'swept'} where it ${why}`, () => {
      expect(isOtherCatalogs({ known, unknown })).to.equal(isOther)
    })
  }
})
