import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { FollowedDatabase } from '../../server/coordination/followed-database.ts'
import { CurrentReleases } from '../../server/releases/current-releases.ts'
import { FollowRevisions } from '../../server/releases/follow-revisions.ts'
import { MOVED, publish } from '../contracts/catalog-support.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { answeredBy, splitReads } from '../support/answered-by.ts'
import { eventually } from '../support/eventually.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

describe('FollowRevisions', () => {
  const follow = (news: FollowRevisions) => {
    const stopping = new AbortController()
    const following = news.follow(stopping.signal)
    afterThisTest(async () => {
      stopping.abort()
      await following
    })
  }

  it('takes in what was changed past it, also in a model that it did not know', async () => {
    const catalog = await aCatalog()
    const current = new CurrentReleases()
    const news = new FollowRevisions({ catalog, current, every: 5, onCompared: () => undefined })
    follow(news)
    await publish(catalog, 'shop', 'one')
    await catalog.write('shop', (writer) => writer.moveTag('shop', 'production', 1, MOVED))
    await eventually('the tag is known', () => current.find('shop', 'production')?.number === 1)
  })

  it('has whoever knows more of a model read it', async () => {
    const catalog = await aCatalog()
    const read: string[] = []
    const current = new CurrentReleases()
    const news = new FollowRevisions({ catalog, current, every: 5, onCompared: () => undefined })
    news.reloadBy(async (model) => {
      read.push(model)
      for (const state of await catalog.readCurrent(model)) current.replace(state)
    })
    follow(news)
    await publish(catalog, 'shop', 'one')
    await eventually('it is read', () => read.length > 0)
    expect(read).to.deep.equal(['shop'])
  })

  describe('where servers are failed over to a database that lacks the last changes', () => {
    const aShop = async (moves: readonly number[]) => {
      const catalog = await aCatalog()
      for (const archive of ['one', 'two', 'three']) await publish(catalog, 'shop', archive)
      for (const release of moves)
        await catalog.write('shop', (writer) => writer.moveTag('shop', 'production', release, MOVED))
      return catalog
    }
    const followed = (pause = () => Promise.resolve()) => new FollowedDatabase('first', pause)
    const onCompared = () => undefined
    const failedOver = async (before: Catalog, after: Catalog, { isStandby = false } = {}) => {
      let catalog = answeredBy('first', before)
      const current = new CurrentReleases()
      const news = new FollowRevisions({
        catalog: splitReads(() => catalog),
        current,
        followed: followed(),
        onCompared,
      })
      await news.compare()
      catalog = answeredBy(isStandby ? undefined : 'second', after)
      await news.compare()
      return current
    }

    it('goes on with what it knows where a standby answers, which may take it in yet', async () => {
      const known = await failedOver(await aShop([1, 2]), await aShop([1]), { isStandby: true })
      expect(known.find('shop', 'production')?.number).to.equal(2)
      const without = await failedOver(await aShop([1]), await aCatalog(), { isStandby: true })
      expect(without.find('shop', 'production')?.number).to.equal(1)
    })

    it('takes in what a standby has that is further', async () => {
      const current = await failedOver(await aShop([1]), await aShop([1, 2]), { isStandby: true })
      expect(current.find('shop', 'production')?.number).to.equal(2)
    })

    it('goes on with what it knows where what looks lost is found after a short while', async () => {
      const [further, lagging] = [await aShop([1, 2]), await aShop([1])]
      let catalog = answeredBy('first', further)
      const current = new CurrentReleases()
      const pause = () => Promise.resolve(void (catalog = answeredBy('first', further)))
      const news = new FollowRevisions({
        catalog: splitReads(() => catalog),
        current,
        followed: followed(pause),
        onCompared,
      })
      await news.compare()
      catalog = answeredBy('first', lagging)
      await news.compare()
      expect(current.find('shop', 'production')?.number).to.equal(2)
    })

    it('does not go back beyond what that one has where a standby of it is asked for the rest', async () => {
      const [lost, after, lagging] = [await aShop([1, 2, 1, 2]), await aShop([1, 3]), await aShop([1])]
      let catalog = answeredBy('first', lost)
      const current = new CurrentReleases()
      const news = new FollowRevisions({
        catalog: splitReads(() => catalog),
        current,
        followed: followed(),
        onCompared,
      })
      await news.compare()
      catalog = { ...answeredBy('second', after), readCurrent: (model) => lagging.readCurrent(model) }
      await news.compare()
      expect(current.find('shop', 'production')?.number).to.equal(2)
      catalog = answeredBy('second', after)
      await news.compare()
      expect(current.find('shop', 'production')?.number).to.equal(3)
    })

    it('says of a tag what that one has, and not what was lost', async () => {
      const current = await failedOver(await aShop([1, 2]), await aShop([1]))
      expect(current.find('shop', 'production')?.number).to.equal(1)
    })

    it('sees another change that was given the revision of one that was lost', async () => {
      const current = await failedOver(await aShop([1, 2]), await aShop([1, 3]))
      expect(current.find('shop', 'production')?.number).to.equal(3)
    })

    it('does not doubt what it took in since that one was asked', async () => {
      const catalog = await aShop([1])
      const older = await catalog.readCurrent('shop')
      let database = 'first'
      let looks = 0
      const current = new CurrentReleases()
      const take = (states: typeof older) => {
        for (const state of states) current.replace(state)
      }
      const news = new FollowRevisions({
        catalog: {
          async listRevisions() {
            const answer = await answeredBy(database, catalog).listRevisions()
            // The answer to an earlier change comes late.
            if (++looks > 3) take(older)
            return answer
          },
          async readCurrent(model) {
            const found = await catalog.readCurrent(model)
            if (database === 'second') {
              await catalog.write('shop', (writer) => writer.moveTag('shop', 'production', 2, MOVED))
              take(await catalog.readCurrent('shop'))
            }
            return found
          },
        },
        current,
        followed: followed(),
        onCompared,
      })
      await news.compare()
      const said: (number | undefined)[] = []
      current.onChange(() => said.push(current.find('shop', 'production')?.number))
      database = 'second'
      await news.compare()
      await news.compare()
      expect(said).to.deep.equal([2])
    })

    it('knows no model any more that was lost', async () => {
      const current = await failedOver(await aShop([1]), await aCatalog())
      expect(current.find('shop', 'production')).to.equal(undefined)
    })
  })

  it('is stale once nothing was compared for 5 s, and says each time what went wrong', async () => {
    const catalog = await aCatalog()
    let now = 0
    let isAway = false
    const failures: unknown[] = []
    const news = new FollowRevisions({
      catalog: {
        ...catalog,
        listRevisions: () => (isAway ? new Promise<never>(() => undefined) : catalog.listRevisions()),
      },
      current: new CurrentReleases(),
      every: 5,
      timeout: 20,
      monotonic: () => now,
      onCompared: (failure) => failures.push(failure),
    })
    follow(news)
    await eventually('it compared', () => failures.length > 0)
    expect(failures[0]).to.equal(undefined)
    isAway = true
    now = 5_001
    await eventually('it did not hear', () => failures.at(-1) !== undefined)
    expect(news.isStale()).to.equal(true)
    isAway = false
    await eventually('it compares again', () => failures.at(-1) === undefined)
    expect(news.isStale()).to.equal(false)
  })
})
