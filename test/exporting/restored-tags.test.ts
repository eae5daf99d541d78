import { expect } from 'chai'
import { SoleHousekeeper } from '../../server/coordination/housekeeping.ts'
import { RecordWriter } from '../../server/exporting/records/record-writer.ts'
import { replayRecords } from '../../server/tools/restore/replay-records.ts'
import { begin, fleet } from '../rollouts/rollout-support.ts'
import { aHookedStore } from './hooked-store.ts'
import { aTerm } from '../support/a-term.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { upkeepParts } from '../upkeep/upkeep-support.ts'

describe('a tag that moved after the backup', () => {
  async function recorded() {
    const { catalog, clock, store, blobs, publish } = await upkeepParts()
    await publish('first', 'shop', ['production'])
    const onFailure = (error: unknown) => {
      throw error
    }
    const writer = new RecordWriter({
      store,
      catalog,
      clock,
      onFailure,
      housekeeping: new SoleHousekeeper(),
    })
    const record = () => writer.writeDue(aTerm())
    await record()
    const restored = await aCatalog()
    const now = clock.now()
    const replay = () => replayRecords(restored, store, blobs, now)
    await replay()
    /** As a backup has it that was taken while the first release was brought out. */
    const beginRollout = async (tag: string) => {
      const { rollout } = begin({ steps: ['100%'] }, fleet(1))
      await restored.write('shop', async (writer) => {
        const id = await writer.reserveRollout('shop', tag, now)
        const { digest } = (await writer.findRelease('shop', 1))!
        await writer.saveRollout({ ...rollout, id, model: 'shop', tag, to: { release: 1, digest } })
      })
    }
    return { restored, publish, record, replay, beginRollout, now }
  }

  it('ends the rollout that was under way on it: bots would get what the rollout brings out', async () => {
    const { restored, publish, record, replay, beginRollout, now } = await recorded()
    await beginRollout('production')
    await publish('second', 'shop', ['production'])
    await record()
    await replay()
    expect((await restored.findTag('shop', 'production'))?.release).to.equal(2)
    expect(await restored.findRolloutUnderWay('shop', 'production')).to.equal(undefined)
    const [ended] = await restored.listRollouts('shop', 'production', { limit: 1 })
    expect(ended).to.include({ state: 'replaced', endedAt: now })
    expect(ended?.reason).to.equal('the restore moved "production" to release 2, where it pointed last')
  })

  it('comes back with its release where that was published while the records were written', async () => {
    const store = aHookedStore()
    const { catalog, clock, blobs, publish } = await upkeepParts(store)
    await publish('first')
    const onFailure = (error: unknown) => {
      throw error
    }
    let isFirst = true
    store.hooks.afterCommit = async () => {
      if (!isFirst) return
      isFirst = false
      await publish('second', 'shop', ['production'])
    }
    await new RecordWriter({
      store,
      catalog,
      clock,
      onFailure,
      housekeeping: new SoleHousekeeper(),
    }).writeDue(aTerm())
    const restored = await aCatalog()
    await replayRecords(restored, store, blobs, clock.now())
    expect((await restored.findTag('shop', 'production'))?.release).to.equal(2)
  })

  it('leaves the rollout of a tag alone that points where it pointed', async () => {
    const { restored, publish, record, replay, beginRollout } = await recorded()
    await beginRollout('production')
    await publish('second')
    await record()
    await replay()
    expect((await restored.findRolloutUnderWay('shop', 'production'))?.state).to.equal('running')
  })
})
