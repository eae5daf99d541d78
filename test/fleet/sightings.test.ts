import { expect } from 'chai'
import fc from 'fast-check'
import { ReleasedDigests } from '../../server/fleet/released-digests.ts'
import { Sightings } from '../../server/fleet/sightings.ts'
import { CurrentReleases } from '../../server/releases/current-releases.ts'
import { aRelease } from '../support/a-release.ts'

const LIMITS = { processesOfDigest: 2, processes: 4 }
const noted = (sightings: Sightings) => sightings.take().map(({ digest, process }) => digest + process)

describe('Sightings', () => {
  it('keeps the last poll of each process', () => {
    const sightings = new Sightings(() => true)
    sightings.note('shop', 'p', 'a', 1_000)
    sightings.note('bank', 'p', 'a', 2_000)
    expect(sightings.take()).to.deep.equal([
      { process: 'p', digest: 'a', model: 'bank', lastSeen: '1970-01-01T00:00:02.000Z' },
    ])
    expect(sightings.take()).to.deep.equal([])
  })

  it('keeps nothing of digests that no release has', () => {
    const sightings = new Sightings((digest) => digest === 'a')
    for (let number = 0; number < 9; number++) sightings.note('shop', 'p', `invented ${number}`, 0)
    expect(sightings.size).to.equal(0)
    sightings.note('shop', 'p', 'a', 0)
    expect(noted(sightings)).to.deep.equal(['ap'])
  })

  it('keeps so many processes of a digest, and a process of each digest whatever was invented before', () => {
    const sightings = new Sightings(() => true, LIMITS)
    for (const digest of ['a', 'b', 'c', 'd', 'e']) {
      for (const process of ['1', '2', '3']) sightings.note('shop', process, digest, 0)
    }
    expect(noted(sightings)).to.deep.equal(['a1', 'a2', 'b1', 'b2', 'c1', 'd1', 'e1'])
  })

  it('knows of every released digest that was noted, and is bounded by their number', () => {
    const claims = fc.array(fc.tuple(fc.nat(5), fc.nat(20)), { maxLength: 100 })
    fc.assert(
      fc.property(claims, (list) => {
        const sightings = new Sightings((digest) => digest < '4', LIMITS)
        for (const [digest, process] of list) sightings.note('shop', String(process), String(digest), 0)
        const released = new Set(list.map(([digest]) => String(digest)).filter((digest) => digest < '4'))
        expect(sightings.size).to.be.at.most(LIMITS.processes + released.size)
        expect(new Set(sightings.take().map(({ digest }) => digest))).to.deep.equal(released)
      }),
    )
  })
})

describe('ReleasedDigests', () => {
  it('has those of all releases, and of what tags point at since', async () => {
    const digests = new ReleasedDigests()
    const all = Array.from({ length: 2_500 }, (_, number) => String(number).padStart(64, '0'))
    await digests.load({
      listDigests: ({ limit, cursor = '' }) =>
        Promise.resolve(
          all
            .filter((digest) => digest > cursor)
            .slice(0, limit)
            .map((digest) => ({ digest, size: 1 })),
        ),
    })
    expect(all.every(digests.has)).to.equal(true)
    const current = new CurrentReleases()
    const release = aRelease({ digest: 'f'.repeat(64) })
    expect(digests.has(release.digest)).to.equal(false)
    current.replace({ model: 'shop', defaultTag: 'latest', revision: 1, tags: [{ tag: 'latest', release }] })
    digests.addCurrent(current)
    expect(digests.has(release.digest)).to.equal(true)
  })
})
