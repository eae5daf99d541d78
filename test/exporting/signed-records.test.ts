import { expect } from 'chai'
import { SoleHousekeeper } from '../../server/coordination/housekeeping.ts'
import { RecordWriter } from '../../server/exporting/records/record-writer.ts'
import { replayRecords } from '../../server/tools/restore/replay-records.ts'
import { aTerm } from '../support/a-term.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { upkeepParts } from '../upkeep/upkeep-support.ts'

describe('the records of a bucket', () => {
  it('bring signatures back, and whose signatures a model requires', async () => {
    const { catalog, clock, store, blobs, publish } = await upkeepParts()
    const release = await publish('signed')
    await publish('not signed')
    const policy = { require: [{ key: 'PEM' }], when: 'executable' as const }
    const signature = {
      format: 'model-signing',
      verified: true,
      key: 'aa',
      identity: null,
      issuer: null,
    } as const
    await catalog.write('shop', async (writer) => {
      await writer.replaceSignature('shop', release.number, { signature, bundle: '{"a":"bundle"}' })
      await writer.setSignatures('shop', policy)
    })
    const onFailure = (error: unknown) => {
      throw error
    }
    await new RecordWriter({
      store,
      catalog,
      clock,
      onFailure,
      housekeeping: new SoleHousekeeper(),
    }).writeDue(aTerm())
    const restored = await aCatalog()
    expect((await replayRecords(restored, store, blobs, clock.now())).releases).to.equal(2)
    expect((await restored.findModel('shop'))?.signatures).to.deep.equal(policy)
    expect((await restored.findRelease('shop', 1))?.signature).to.deep.equal(signature)
    expect(await restored.findBundle('shop', 1)).to.equal('{"a":"bundle"}')
    expect((await restored.findRelease('shop', 2))?.signature).to.equal(null)
  })
})
