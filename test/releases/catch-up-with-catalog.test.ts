import { expect } from 'chai'
import { catchUpWithCatalog } from '../../server/releases/catch-up-with-catalog.ts'
import { CurrentReleases } from '../../server/releases/current-releases.ts'
import { promoteRelease } from '../../server/releases/promote-release.ts'
import { upkeepParts } from '../upkeep/upkeep-support.ts'

describe('what another server over the same catalog changed', () => {
  it('is known after a look, and read only where it is newer', async () => {
    const parts = await upkeepParts()
    const other = new CurrentReleases()
    await parts.publish('one', 'shop')
    await parts.publish('one', 'bank')
    expect((await catchUpWithCatalog(parts.catalog, other)).sort()).to.deep.equal(['bank', 'shop'])
    expect(other.find('shop')?.number).to.equal(1)
    await parts.publish('two', 'shop')
    await promoteRelease(parts, { model: 'shop', tag: 'production', release: 2, by: 'anonymous' })
    expect(await catchUpWithCatalog(parts.catalog, other)).to.deep.equal(['shop'])
    expect(other.all()).to.have.deep.members(parts.current.all())
    expect(await catchUpWithCatalog(parts.catalog, other)).to.deep.equal([])
  })
})
