import { aTerm } from '../support/a-term.ts'
import { aHookedStore } from './hooked-store.ts'
import { expect } from 'chai'
import { LeaseTaken } from '../../server/catalog/leases.ts'
import { SoleHousekeeper, type Housekeeping } from '../../server/coordination/housekeeping.ts'
import type { ExportEvent } from '../../server/exporting/export-event.ts'
import { TagExporter, type ExportDependencies } from '../../server/exporting/tag-exporter.ts'
import { promoteRelease } from '../../server/releases/promote-release.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { eventually } from '../support/eventually.ts'
import { keysOf, putObject, readObject } from '../support/store-access.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { upkeepParts } from '../upkeep/upkeep-support.ts'

async function anExporter() {
  const parts = await upkeepParts()
  const bucket = aHookedStore()
  const events: ExportEvent[] = []
  /** A new process over the same catalog and bucket. */
  const start = async (changes: Partial<ExportDependencies> = {}) => {
    events.length = 0
    const exporter = new TagExporter({
      ...parts,
      store: bucket,
      place: 's3://released',
      nameTemplate: '{tag}.tar.gz',
      tags: undefined,
      retries: { firstMs: 5, longestMs: 20 },
      onEvent: (event: ExportEvent) => events.push(event),
      housekeeping: new SoleHousekeeper(),
      ...changes,
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
    const others = { term: undefined as Housekeeping['term'], looks: 0 }
    const housekeeping: Housekeeping = {
      get term() {
        others.looks++
        return others.term
      },
    }
    const idle = await start({ housekeeping, termMs: 5 })
    idle.wake()
    await eventually('it has looked thrice whether the term is its own', () => others.looks >= 3)
    expect(await keysOf(bucket)).to.deep.equal([])
    const first = new AbortController()
    const housekeeper = await start({ housekeeping: { term: aTerm(1, first.signal) } })
    await done(housekeeper)
    await housekeeper.stop()
    events.length = 0
    others.term = aTerm(2)
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
    bucket.hooks.beforeCommit = () => Promise.reject(new Error('No room'))
    const exporter = await start()
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
    delete bucket.hooks.beforeCommit
    await done(exporter)
    expect(await keysOf(bucket)).to.deep.equal(['bank/production.tar.gz', 'shop/production.tar.gz'])
  })

  it('exports the tags that were asked for only', async () => {
    const { publish, start, bucket, done } = await anExporter()
    await publish('one', 'shop', ['production', 'staging'])
    await done(await start({ tags: ['latest', 'staging'], nameTemplate: '{model}/{tag}.tar.gz' }))
    expect(await keysOf(bucket)).to.deep.equal(['shop/latest.tar.gz', 'shop/staging.tar.gz'])
  })

  it('puts the archive back that was there before, where a server ended between an upload and its note', async () => {
    const { publish, promote, start, bucket, content, done } = await anExporter()
    await publish('one', 'shop', ['production'])
    await publish('two')
    const first = await start()
    await done(first)
    const ended = Promise.withResolvers<undefined>()
    bucket.hooks.afterCommit = () => {
      void first.stop().then(() => {
        ended.resolve(undefined)
      })
      return Promise.resolve()
    }
    await promote(2, 'production')
    first.wake()
    await ended.promise
    delete bucket.hooks.afterCommit
    expect(await content('shop/production.tar.gz')).to.equal('two')
    await promote(1, 'production')
    const second = await start()
    await done(second)
    expect(await content('shop/production.tar.gz')).to.equal('one')
  })

  it('finds what a former housekeeper still puts there, and replaces it', async () => {
    const { publish, promote, start, bucket, content, done } = await anExporter()
    await publish('one', 'shop', ['production'])
    await publish('two')
    const asleep = Promise.withResolvers<undefined>()
    const isSending = Promise.withResolvers<undefined>()
    bucket.hooks.beforeCommit = () => {
      isSending.resolve(undefined)
      return asleep.promise
    }
    const formerTerm = new AbortController()
    const former: { term: Housekeeping['term'] } = { term: aTerm(1, formerTerm.signal) }
    const formerExporter = await start({ housekeeping: former })
    await isSending.promise
    delete bucket.hooks.beforeCommit
    await promote(2, 'production')
    const events: ExportEvent[] = []
    const next = await start({
      housekeeping: { term: aTerm(2) },
      checkMs: 5,
      onEvent: (event) => events.push(event),
    })
    await done(next)
    expect(await content('shop/production.tar.gz')).to.equal('two')
    // What it sends arrives, although its term is over.
    bucket.hooks.afterCommit = () => {
      former.term = undefined
      formerTerm.abort(new Error('The term is over'))
      return Promise.resolve()
    }
    asleep.resolve(undefined)
    await eventually('it is found', () => events.some(({ kind }) => kind === 'changed'))
    await formerExporter.stop()
    await eventually('it is replaced', () => events.length === 3)
    await done(next)
    expect(await content('shop/production.tar.gz')).to.equal('two')
    expect(events.map(({ kind }) => kind)).to.deep.equal(['exported', 'changed', 'exported'])
  })

  it('uploads nothing where another server has the term by then', async () => {
    const { publish, start, bucket, catalog, events } = await anExporter()
    await publish('one', 'shop', ['production'])
    const fenced = { ...catalog, writeShared: () => Promise.reject(new LeaseTaken()) }
    await start({ housekeeping: { term: { ...aTerm(1), fence: () => fenced } } })
    await eventually('it was refused', () => events.some(({ kind }) => kind === 'failed'))
    expect(await keysOf(bucket)).to.deep.equal([])
  })

  it('puts an archive again where its object was removed', async () => {
    const { publish, start, bucket, content, done } = await anExporter()
    await publish('one', 'shop', ['production'])
    const exporter = await start({ checkMs: 5 })
    await done(exporter)
    await bucket.delete('shop/production.tar.gz')
    await eventually('it is there again', async () => (await keysOf(bucket)).length === 1)
    expect(await content('shop/production.tar.gz')).to.equal('one')
  })

  it('notes anew, and uploads not at all, what is the same archive in another version', async () => {
    const { publish, start, bucket, catalog, done, events } = await anExporter()
    await publish('one', 'shop', ['production'])
    const first = await start()
    await done(first)
    await first.stop()
    const [before] = await catalog.listExports()
    await putObject(bucket, 'shop/production.tar.gz', Buffer.from('one'))
    await start()
    const [after] = await eventually('the new version is noted', async () => {
      const found = await catalog.listExports()
      return found[0]?.version !== before?.version && found
    })
    expect(after).to.include({ digest: before?.digest, exportedAt: before?.exportedAt })
    expect(events).to.deep.equal([])
  })

  it('takes an upload for failed where another archive is there after it', async () => {
    const { publish, start, bucket, content, events } = await anExporter()
    await publish('one', 'shop', ['production'])
    bucket.hooks.afterCommit = async () => {
      delete bucket.hooks.afterCommit
      await putObject(bucket, 'shop/production.tar.gz', Buffer.from('older'))
    }
    await start()
    await eventually('both are told', () => events.length === 2)
    expect(await content('shop/production.tar.gz')).to.equal('one')
    expect(events.map(({ kind }) => kind)).to.deep.equal(['failed', 'exported'])
  })

  it('shows on every server what the housekeeper exported', async () => {
    const { publish, start, done } = await anExporter()
    const idle = await start({ housekeeping: { term: undefined }, termMs: 5 })
    await publish('one', 'shop', ['production'])
    await done(await start())
    await done(idle)
  })
})
