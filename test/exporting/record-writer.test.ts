import { expect } from 'chai'
import { SoleHousekeeper } from '../../server/coordination/housekeeping.ts'
import { RecordWriter } from '../../server/exporting/records/record-writer.ts'
import { getBytes } from '../contracts/object-bytes.ts'
import { eventually } from '../support/eventually.ts'
import { upkeepParts } from '../upkeep/upkeep-support.ts'

const HOUR = 60 * 60_000

describe('what writes the records of a bucket', () => {
  /** One that writes nothing by itself before an hour has passed. */
  async function aWriter() {
    const { catalog, clock, store, publish } = await upkeepParts()
    const writer = new RecordWriter({
      ...{ store, catalog, clock, housekeeping: new SoleHousekeeper() },
      pauses: { first: HOUR, longest: HOUR },
      onFailure: (error) => {
        throw error
      },
    })
    const recorded = () => getBytes(store, 'records/shop/tags.json').then(String, () => '')
    return { writer, publish, recorded }
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

  it('has nothing due where it was never started', async () => {
    const { writer } = await aWriter()
    expect(writer.isDue).to.equal(false)
    await writer.stop()
  })
})
