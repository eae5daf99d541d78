import { expect } from 'chai'
import { CurrentReleases } from '../../server/releases/current-releases.ts'
import { FollowRevisions } from '../../server/releases/follow-revisions.ts'
import { MOVED, publish } from '../contracts/catalog-support.ts'
import { aCatalog } from '../support/a-catalog.ts'
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
      ...{ every: 5, timeout: 20, monotonic: () => now },
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
