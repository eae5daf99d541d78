import { aTerm } from '../support/a-term.ts'
import { expect } from 'chai'
import { SoleHousekeeper, type Housekeeping } from '../../server/coordination/housekeeping.ts'
import type { ExportEvent } from '../../server/exporting/export-event.ts'
import { TagExporter, type ExportDependencies } from '../../server/exporting/tag-exporter.ts'
import { promoteRelease } from '../../server/releases/promote-release.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { eventually } from '../support/eventually.ts'
import { keysOf, readObject } from '../support/store-access.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { upkeepParts } from '../upkeep/upkeep-support.ts'

async function anExporter() {
  const parts = await upkeepParts()
  const bucket = new MemoryStore()
  const events: ExportEvent[] = []
  /** A new process over the same catalog and bucket. */
  const start = async (changes: Partial<ExportDependencies> = {}) => {
    events.length = 0
    const exporter = new TagExporter({
      ...parts,
      ...{ store: bucket, place: 's3://released', nameTemplate: '{tag}.tar.gz', tags: undefined },
      ...{ retries: { firstMs: 5, longestMs: 20 }, onEvent: (event: ExportEvent) => events.push(event) },
      ...{ housekeeping: new SoleHousekeeper(), ...changes },
    })
    afterThisTest(() => exporter.stop())
    await exporter.start()
    return exporter
  }
  const promote = (release: number, tag: string) =>
    promoteRelease(parts, { model: 'shop', tag, release, by: 'anonymous' })
  const content = async (name: string) => String(await readObject(bucket, name))
  const done = (exporter: TagExporter) =>
    eventually('all is exported', () => exporter.list().every(({ state }) => state === 'done'))
  return { ...parts, bucket, events, start, promote, content, done }
}

describe('TagExporter', () => {
  it('copies what each tag points at under its name, but latest', async () => {
    const { publish, start, bucket, content, done } = await anExporter()
    await publish('one', 'shop', ['production'])
    await publish('two', 'default', ['staging'])
    await done(await start())
    expect(await keysOf(bucket)).to.deep.equal(['shop/production.tar.gz', 'staging.tar.gz'])
    expect([await content('shop/production.tar.gz'), await content('staging.tar.gz')]).to.deep.equal([
      'one',
      'two',
    ])
  })

  it('leaves the copying to the housekeeper, and takes it over where that left it', async () => {
    const { publish, promote, start, bucket, content, done, events } = await anExporter()
    await publish('one', 'shop', ['production'])
    await publish('two')
    const housekeeping: { term: Housekeeping['term'] } = { term: undefined }
    const idle = await start({ housekeeping, termMs: 5 })
    idle.wake()
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(await keysOf(bucket)).to.deep.equal([])
    const first = new AbortController()
    const housekeeper = await start({ housekeeping: { term: aTerm(1, first.signal) } })
    await done(housekeeper)
    await housekeeper.stop()
    events.length = 0
    housekeeping.term = aTerm(2)
    await done(idle)
    expect(events).to.deep.equal([])
    await promote(2, 'production')
    idle.wake()
    await eventually('the next', async () => (await content('shop/production.tar.gz')) === 'two')
  })

  it('follows a tag that moves, also while nobody exported, and copies nothing twice', async () => {
    const { publish, promote, start, content, done, events } = await anExporter()
    await publish('one', 'shop', ['production'])
    await publish('two')
    const first = await start()
    await done(first)
    await promote(2, 'production')
    first.wake()
    await eventually(
      'the new archive is there',
      async () => (await content('shop/production.tar.gz')) === 'two',
    )
    await done(first)
    await first.stop()
    await promote(1, 'production')
    const second = await start()
    await done(second)
    expect(await content('shop/production.tar.gz')).to.equal('one')
    await second.stop()
    await done(await start())
    expect(events).to.deep.equal([])
  })

  it('copies everything again into another bucket', async () => {
    const { publish, start, done } = await anExporter()
    await publish('one', 'shop', ['production'])
    await done(await start())
    const other = new MemoryStore()
    await done(await start({ store: other, place: 's3://other' }))
    expect(await keysOf(other)).to.deep.equal(['shop/production.tar.gz'])
  })

  it('says what failed, goes on with other tags, and tries again by itself', async () => {
    const { publish, start, bucket, events, done } = await anExporter()
    await publish('one', 'bank', ['production'])
    await publish('two', 'shop', ['production'])
    let isFull = true
    const stage: MemoryStore['stage'] = () => (isFull ? Promise.reject(new Error('No room')) : bucket.stage())
    const exporter = await start({ store: Object.assign(Object.create(bucket) as MemoryStore, { stage }) })
    const failures = () => exporter.list().map(({ state, lastError }) => [state, lastError])
    await eventually('both failures are shown', () => failures().every(([state]) => state === 'failed'))
    expect(failures()).to.deep.equal([
      ['failed', 'No room'],
      ['failed', 'No room'],
    ])
    expect(events[0]).to.include({
      kind: 'failed',
      model: 'bank',
      name: 'bank/production.tar.gz',
      retryInMs: 5,
    })
    isFull = false
    await done(exporter)
    expect(await keysOf(bucket)).to.deep.equal(['bank/production.tar.gz', 'shop/production.tar.gz'])
  })

  it('exports the tags that were asked for only', async () => {
    const { publish, start, bucket, done } = await anExporter()
    await publish('one', 'shop', ['production', 'staging'])
    await done(await start({ tags: ['latest', 'staging'], nameTemplate: '{model}/{tag}.tar.gz' }))
    expect(await keysOf(bucket)).to.deep.equal(['shop/latest.tar.gz', 'shop/staging.tar.gz'])
  })
})
