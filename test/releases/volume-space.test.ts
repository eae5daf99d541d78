import { expect } from 'chai'
import { DomainError } from '../../server/errors/errors.ts'
import { VolumeSpace } from '../../server/releases/volume-space.ts'

const MIB = 1024 ** 2

/** A volume of so many free bytes of which 1 MiB is kept. */
function aVolume(free: number): { space: VolumeSpace; fill: (bytes: number) => void } {
  let left = free
  return {
    space: new VolumeSpace(() => Promise.resolve(left), MIB),
    fill: (bytes) => {
      left -= bytes
    },
  }
}

async function codeOf(claim: Promise<unknown>): Promise<string> {
  return claim.then(
    () => 'fits',
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  )
}

describe('the space on the volume', () => {
  it('takes what fits beside what is kept, and nothing beyond', async () => {
    const { space } = aVolume(10 * MIB)
    expect(await codeOf(space.reserve(9 * MIB + 1))).to.equal('disk-full')
    expect(await codeOf(space.reserve(9 * MIB))).to.equal('fits')
  })

  it('takes nothing at all, of whatever size, where less is free than is kept', async () => {
    expect(await codeOf(aVolume(MIB - 1).space.reserve(0))).to.equal('disk-full')
  })

  it('is not promised twice', async () => {
    const { space } = aVolume(10 * MIB)
    const claims = await Promise.all([5, 5].map((size) => codeOf(space.reserve(size * MIB))))
    expect(claims.toSorted()).to.deep.equal(['disk-full', 'fits'])
  })

  it('can be used again once it is given back, however often that is said', async () => {
    const { space } = aVolume(10 * MIB)
    const first = await space.reserve(9 * MIB)
    first.release()
    first.release()
    expect(await codeOf(space.reserve(9 * MIB))).to.equal('fits')
    expect(await codeOf(space.reserve(1))).to.equal('disk-full')
  })

  it('counts what was written once: as taken on the volume, no longer as promised', async () => {
    const { space, fill } = aVolume(10 * MIB)
    const first = await space.reserve(4 * MIB)
    fill(4 * MIB)
    first.wrote(4 * MIB)
    expect(await codeOf(space.reserve(5 * MIB + 1))).to.equal('disk-full')
    expect(await codeOf(space.reserve(5 * MIB))).to.equal('fits')
  })

  it('is claimed as bytes come where nobody said how many, to the last that fits', async () => {
    const { space, fill } = aVolume(10 * MIB)
    const upload = await space.reserve(0)
    let written = 0
    for (;;) {
      if ((await codeOf(upload.require(MIB))) !== 'fits') break
      fill(MIB)
      upload.wrote(MIB)
      written++
    }
    expect(written).to.equal(9)
  })

  it('is shared by all whose size nobody knows', async () => {
    const { space, fill } = aVolume(10 * MIB)
    const uploads = await Promise.all([space.reserve(0), space.reserve(0), space.reserve(0)])
    let written = 0
    await Promise.all(
      uploads.map(async (upload) => {
        while ((await codeOf(upload.require(MIB))) === 'fits') {
          fill(MIB)
          upload.wrote(MIB)
          written++
        }
        upload.release()
      }),
    )
    expect(written).to.be.within(7, 9)
  })
})
