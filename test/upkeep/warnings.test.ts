import { expect } from 'chai'
import { usedShare, warningsOf } from '../../server/upkeep/warnings.ts'

describe('warnings', () => {
  it('come from 85 % on, with damage, and with a lost catalog', () => {
    const well = { damagedBlobs: 0, isCatalogLost: false }
    expect(warningsOf({ ...well, space: { free: 16, total: 100 } })).to.deep.equal([])
    const bad = { damagedBlobs: 2, isCatalogLost: true }
    const codes = warningsOf({ ...bad, space: { free: 15, total: 100 } }).map(({ code }) => code)
    expect(codes).to.deep.equal(['disk-filling', 'blobs-damaged', 'catalog-lost'])
    expect(usedShare({ free: 0, total: 0 })).to.equal(0)
  })

  it('count damaged archives in a sentence that is right for one, too', () => {
    const [warning] = warningsOf({ damagedBlobs: 1, isCatalogLost: false, space: { free: 16, total: 100 } })
    expect(warning?.message).to.match(/^Stored archives that are damaged or missing: 1;/)
  })

  it('say that uploads are refused, with how much must stay free', () => {
    const state = { damagedBlobs: 0, isCatalogLost: false, space: { free: 2_000_000, total: 100_000_000 } }
    const [first, ...others] = warningsOf({ ...state, uploads: { free: 2_000_000, reserve: 2_000_000 } })
    expect([first?.code, others]).to.deep.equal(['uploads-refused', []])
    expect(first?.message).to.include('has 2 MB free, and 2 MB must stay so (SLIPWAY_MIN_FREE_BYTES)')
    const codes = warningsOf({ ...state, uploads: { free: 2_000_001, reserve: 2_000_000 } }).map(
      ({ code }) => code,
    )
    expect(codes).to.deep.equal(['disk-filling'])
  })

  it('say that a full disk has rollouts stand still, and how much must be free', () => {
    const space = { free: 0, total: 100_000_000 }
    const full = { space, uploads: { free: 0, reserve: 1 }, damagedBlobs: 0, isCatalogLost: false }
    const [warning, ...others] = warningsOf({ ...full, missingRoom: 8_400_000 })
    expect([warning?.code, others]).to.deep.equal(['changes-refused', []])
    expect(warning?.message)
      .to.include('rollouts take no further step, and uploads and all changes are refused')
      .and.include('until 8.4 MB are free')
  })

  it('say that changes are refused for another reason, once', () => {
    const state = {
      damagedBlobs: 0,
      space: { free: 90, total: 100 },
      refusal: { code: 'storage-owned-elsewhere', reason: 'Another server owns the bucket.' },
    }
    expect(warningsOf({ ...state, isCatalogLost: false })).to.deep.equal([
      {
        code: 'uploads-refused',
        message: 'Uploads and changes are refused: Another server owns the bucket.',
      },
    ])
    const away = { code: 'storage-unavailable', reason: 'The storage does not answer now; try again.' }
    expect(warningsOf({ ...state, refusal: away, isCatalogLost: false })[0]?.message).to.equal(
      'Nothing can be published, and archives that this server has no copy of are not given out, nor can tags be moved to them: The storage does not answer now; try again.',
    )
    expect(warningsOf({ ...state, isCatalogLost: true }).map(({ code }) => code)).to.deep.equal([
      'catalog-lost',
    ])
  })
})
