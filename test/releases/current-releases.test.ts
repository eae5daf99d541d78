import { expect } from 'chai'
import fc from 'fast-check'
import type { CurrentModel } from '../../server/catalog/tags.ts'
import { CurrentReleases } from '../../server/releases/current-releases.ts'
import type { Release } from '../../server/releases/release.ts'
import { aRelease } from '../support/a-release.ts'

function state(revision: number, tags: Record<string, Release>, defaultTag = 'latest'): CurrentModel {
  const listed = Object.entries(tags).map(([tag, release]) => ({ tag, release }))
  return { model: 'shop', defaultTag, revision, tags: listed }
}

describe('the releases that tags point at now', () => {
  it('are found by model and tag', () => {
    const current = new CurrentReleases()
    current.replace(state(1, { latest: aRelease({ number: 2 }), production: aRelease({ number: 1 }) }))
    expect(current.find('shop', 'production')?.number).to.equal(1)
    expect(current.find('shop', 'latest')?.number).to.equal(2)
  })

  it('are found by the default tag where none is named', () => {
    const current = new CurrentReleases()
    const tags = { latest: aRelease({ number: 2 }), production: aRelease({ number: 1 }) }
    current.replace(state(1, tags, 'production'))
    expect(current.find('shop')?.number).to.equal(1)
  })

  it('are none for unknown models and tags, also those that objects have by nature', () => {
    const current = new CurrentReleases()
    current.replace(state(1, { latest: aRelease() }))
    for (const name of ['other', 'constructor', '__proto__', 'toString']) {
      expect(current.find(name)).to.equal(undefined)
      expect(current.find('shop', name)).to.equal(undefined)
      expect(current.defaultTag(name)).to.equal(undefined)
    }
  })

  it('forget a tag that was deleted', () => {
    const current = new CurrentReleases()
    current.replace(state(1, { latest: aRelease(), staging: aRelease() }))
    current.replace(state(2, { latest: aRelease() }))
    expect(current.find('shop', 'staging')).to.equal(undefined)
  })

  it('end at the highest revision, in whatever order news arrive', () => {
    const news = fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1 })
    fc.assert(
      fc.property(news, (revisions) => {
        const current = new CurrentReleases()
        for (const revision of revisions) {
          current.replace(state(revision, { latest: aRelease({ number: revision }) }))
        }
        expect(current.find('shop')?.number).to.equal(Math.max(...revisions))
      }),
    )
  })
})
