import { expect } from 'chai'
import { SoleHousekeeper } from '../../server/coordination/housekeeping.ts'
import { RecordWriter } from '../../server/exporting/records/record-writer.ts'
import { getBytes } from '../contracts/object-bytes.ts'
import { splitReads } from '../support/answered-by.ts'
import { aTerm } from '../support/a-term.ts'
import { eventually } from '../support/eventually.ts'
import { upkeepParts } from '../upkeep/upkeep-support.ts'
import { aHookedStore } from './hooked-store.ts'

const HOUR = 60 * 60_000

describe('what writes the records of a bucket', () => {
  /** One that writes nothing by itself before an hour has passed. */
  async function aWriter() {
    const store = aHookedStore()
    const { catalog, clock, publish } = await upkeepParts(store)
    const failures: unknown[] = []
    const writer = new RecordWriter({
      store,
      catalog,
      clock,
      housekeeping: new SoleHousekeeper(),
      pauses: { first: HOUR, longest: HOUR },
      onFailure: (error) => failures.push(error),
    })
    const recorded = () => getBytes(store, 'records/shop/tags.json').then(String, () => '')
    return { writer, publish, recorded, hooks: store.hooks, failures, catalog, clock }
  }

  it('does not wait any longer once the store can be used again', async () => {
    const { writer, publish, recorded } = await aWriter()
    writer.start()
    const { number } = await publish('one')
    writer.storeRecovered()
    await eventually('it is recorded', async () => (await recorded()).includes(`"release":${number}`))
    await writer.stop()
  })

  it('writes what became due while it stopped', async () => {
    const { writer, publish, recorded } = await aWriter()
    writer.start()
    await writer.stop()
    const { number } = await publish('one')
    expect(await recorded()).to.equal('')
    expect(writer.isDue).to.equal(true)
    await writer.finish(AbortSignal.timeout(60_000))
    expect(await recorded()).to.contain(`"release":${number}`)
  })

  it('writes all of them anew into another store: archives were moved there', async () => {
    const { writer, publish, catalog, clock } = await aWriter()
    const { number } = await publish('one')
    await writer.writeDue(aTerm())
    const store = aHookedStore()
    const housekeeping = new SoleHousekeeper()
    const onFailure = (error: unknown) => {
      throw error
    }
    const afterwards = new RecordWriter({ store, catalog, clock, housekeeping, onFailure })
    await afterwards.writeDue(aTerm())
    const recorded = String(await getBytes(store, 'records/shop/tags.json'))
    expect(recorded).to.contain(`"release":${number}`)
    expect(await store.stat(`records/shop/releases/${number}.json`)).to.not.equal(undefined)
  })

  describe('after a failover to a database that gave the number of a lost release again', () => {
    const failedOver = async () => {
      const store = aHookedStore()
      const [lost, after] = [await upkeepParts(store), await upkeepParts(store)]
      await lost.publish('lost')
      const { number, digest } = await after.publish('given again')
      let [catalog, database] = [lost.catalog, 'first']
      const aWriter = () =>
        new RecordWriter({
          store,
          catalog: splitReads(() => catalog),
          clock: lost.clock,
          database: () => database,
          housekeeping: new SoleHousekeeper(),
          onFailure: () => undefined,
        })
      const writer = aWriter()
      await writer.writeDue(aTerm())
      ;[catalog, database] = [after.catalog, 'second']
      const recorded = () => getBytes(store, `records/shop/releases/${number}.json`).then(String)
      return { writer, aWriter, digest, recorded, store }
    }

    it('writes anew what it had written', async () => {
      const { writer, recorded, digest } = await failedOver()
      expect(await recorded()).to.not.contain(digest)
      await writer.writeDue(aTerm())
      expect(await recorded()).to.contain(digest)
    })

    it('writes anew what another server had written', async () => {
      const { aWriter, recorded, digest } = await failedOver()
      await aWriter().writeDue(aTerm(2))
      expect(await recorded()).to.contain(digest)
    })

    it('writes nothing anew once it has', async () => {
      const { writer, store } = await failedOver()
      await writer.writeDue(aTerm())
      store.hooks.beforeCommit = () => Promise.reject(new Error('It writes'))
      await writer.writeDue(aTerm())
    })
  })

  it('writes as it stops what it was writing when it was told to', async () => {
    const { writer, publish, recorded, hooks } = await aWriter()
    const { number } = await publish('one')
    const [begun, away] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
    hooks.beforeCommit = async () => {
      begun.resolve(undefined)
      await away.promise
    }
    writer.start()
    writer.storeRecovered()
    await begun.promise
    const stopped = writer.stop()
    hooks.beforeCommit = () => Promise.resolve()
    away.reject(new Error('The upload was given up'))
    await stopped
    expect(writer.isDue).to.equal(true)
    await writer.finish(AbortSignal.timeout(60_000))
    expect(await recorded()).to.contain(`"release":${number}`)
  })

  it('tries again at once where the store came back during an attempt that failed', async () => {
    const { writer, publish, recorded, hooks, failures } = await aWriter()
    const { number } = await publish('one')
    hooks.beforeCommit = () => {
      hooks.beforeCommit = () => Promise.resolve()
      writer.storeRecovered()
      return Promise.reject(new Error('The store was away when this began'))
    }
    writer.start()
    writer.storeRecovered()
    await eventually('it is recorded', async () => (await recorded()).includes(`"release":${number}`))
    expect(failures).to.have.lengthOf(1)
    await writer.stop()
  })

  it('has nothing due where it was never started', async () => {
    const { writer } = await aWriter()
    expect(writer.isDue).to.equal(false)
    await writer.stop()
  })
})
