import { aTerm } from '../../support/a-term.ts'
import { expect } from 'chai'
import { ArchiveInspection } from '../../../archives/archive-inspection.ts'
import { BucketImport, type ImportDependencies } from '../../../server/intake/bucket/bucket-import.ts'
import { SoleHousekeeper, type Housekeeping } from '../../../server/coordination/housekeeping.ts'
import type { IntakeEvent } from '../../../server/intake/intake-event.ts'
import { rememberRefusal } from '../../../server/intake/remember-refusal.ts'
import { publishModel } from '../../../server/releases/publish-model.ts'
import { MemoryStore } from '../../../storage/memory/memory-store.ts'
import { StoreUnavailable } from '../../../storage/object-store.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { aClock } from '../../support/manual-clock.ts'
import { putObject } from '../../support/store-access.ts'
import { afterThisTest } from '../../support/temporary-directory.ts'
import { upkeepParts } from '../../upkeep/upkeep-support.ts'

async function anImport() {
  const parts = { ...(await upkeepParts()), inspect: () => new ArchiveInspection() }
  const clock = aClock()
  const store = new MemoryStore(() => clock.now())
  const events: IntakeEvent[] = []
  const { catalog } = parts
  const make = (changes: Partial<ImportDependencies>) =>
    new BucketImport({
      store,
      place: 's3://trained',
      except: 'exported',
      intervalMilliseconds: 20,
      catalog,
      clock,
      rules: 'version 1',
      onEvent: (event: IntakeEvent) => events.push(event),
      writesIn: ({ fence }) => {
        const inTerm = { ...parts, catalog: fence(catalog) }
        return {
          publish: (body, terms) => publishModel(inTerm, body, terms),
          rememberRefused: (look, code, refusedBy) => rememberRefusal(inTerm, look, code, refusedBy),
        }
      },
      housekeeping: new SoleHousekeeper(),
      ...changes,
    })
  /** A new process over the same bucket and catalog. */
  const start = async (changes: Partial<ImportDependencies> = {}) => {
    events.length = 0
    const imported = make(changes)
    afterThisTest(() => imported.stop())
    await imported.start()
    return imported
  }
  const put = async (key: string, bytes: Uint8Array | string) => {
    clock.advance(1_000)
    await putObject(store, key, Buffer.from(bytes))
  }
  const story = () => events.map((event) => `${event.kind} ${'path' in event ? event.path : ''}`.trim())
  const until = (line: string) => eventually(line, () => story().includes(line))
  const releases = async (model = 'default') =>
    (await catalog.listReleases(model, { limit: 100 })).map(({ filename }) => filename).reverse()
  return { store, start, put, story, until, releases, catalog, events }
}

describe('BucketImport', () => {
  it('publishes what lies there in the order of its coming, to the model of its folder', async () => {
    const { start, put, story, releases, catalog } = await anImport()
    await put('b.tar.gz', anArchive())
    await put('models/a.tar.gz', anArchive())
    await put('shop/c.tar.gz', anArchive())
    await put('exported/d.tar.gz', anArchive())
    await put('notes.txt', 'not for us')
    await start()
    expect(await releases()).to.deep.equal(['b.tar.gz', 'a.tar.gz'])
    expect(await releases('shop')).to.deep.equal(['c.tar.gz'])
    expect(story()).to.deep.equal([
      'published b.tar.gz',
      'published models/a.tar.gz',
      'published shop/c.tar.gz',
    ])
    expect(await catalog.findRelease('shop', 1)).to.include({ publishedBy: 'import' })
    expect(await catalog.findIntakeRecord('s3://trained/b.tar.gz')).to.include({ outcome: 'published' })
  })

  it('takes nothing while another server is the housekeeper, and only what that left afterwards', async () => {
    const { start, put, until, releases, catalog } = await anImport()
    await put('a.tar.gz', anArchive())
    const housekeeping: { term: Housekeeping['term'] } = { term: undefined }
    await start({ housekeeping })
    expect(await releases()).to.deep.equal([])
    const other = await start()
    await until('published a.tar.gz')
    await other.stop()
    await put('b.tar.gz', anArchive())
    housekeeping.term = aTerm(2)
    await until('published b.tar.gz')
    expect(await releases()).to.deep.equal(['a.tar.gz', 'b.tar.gz'])
    expect(await catalog.countReleases('default')).to.equal(2)
  })

  it('goes on in the next term, once its own is over', async () => {
    const { start, put, until } = await anImport()
    const over = new AbortController()
    const housekeeping: { term: Housekeeping['term'] } = { term: aTerm(1, over.signal) }
    await put('a.tar.gz', anArchive())
    await start({ housekeeping })
    await until('published a.tar.gz')
    over.abort()
    housekeeping.term = aTerm(2)
    await put('b.tar.gz', anArchive())
    await until('published b.tar.gz')
  })

  it('takes each version of an object once, also across restarts', async () => {
    const { start, put, story, until, releases } = await anImport()
    await put('a.tar.gz', anArchive())
    const first = await start()
    await put('a.tar.gz', anArchive())
    await eventually('a second release', async () => (await releases()).length === 2)
    await first.stop()
    await start()
    await put('b.tar.gz', anArchive())
    await until('published b.tar.gz')
    expect(story()).to.deep.equal(['published b.tar.gz'])
  })

  it('publishes nothing again where a bucket was copied', async () => {
    const { start, put, story } = await anImport()
    const archive = anArchive()
    await put('a.tar.gz', archive)
    await (await start()).stop()
    await put('copy.tar.gz', archive)
    await start({ place: 's3://copied' })
    expect(story()).to.deep.equal(['known a.tar.gz', 'known copy.tar.gz'])
  })

  it('publishes bytes again that are put there again while it runs, unless they are the latest', async () => {
    const { start, put, until, releases } = await anImport()
    const archive = anArchive()
    await put('a.tar.gz', archive)
    await put('b.tar.gz', anArchive())
    await start()
    await put('again.tar.gz', archive)
    await until('published again.tar.gz')
    await put('once-more.tar.gz', archive)
    await until('known once-more.tar.gz')
    expect(await releases()).to.deep.equal(['a.tar.gz', 'b.tar.gz', 'again.tar.gz'])
  })

  it('refuses an unsound object once, until the rules change', async () => {
    const { start, put, story } = await anImport()
    await put('bad.tar.gz', anArchive().subarray(0, 200))
    await (await start()).stop()
    expect(story()).to.deep.equal(['refused bad.tar.gz'])
    await (await start()).stop()
    expect(story()).to.deep.equal([])
    await (await start({ rules: 'version 2' })).stop()
    expect(story()).to.deep.equal(['refused bad.tar.gz'])
  })

  it('says once that the bucket cannot be read, and goes on when it can', async () => {
    const { start, put, store, until, story } = await anImport()
    await put('a.tar.gz', anArchive())
    let failures = 3
    const open: MemoryStore['open'] = (key, options) =>
      failures-- > 0 ? Promise.reject(new StoreUnavailable('It does not answer')) : store.open(key, options)
    await start({
      store: Object.assign(Object.create(store) as MemoryStore, { open, list: store.list.bind(store) }),
    })
    await until('published a.tar.gz')
    expect(story()).to.deep.equal(['scan-failed', 'published a.tar.gz'])
  })

  it('leaves an object alone that is another by the time it is read, and takes that one', async () => {
    const { start, put, store, until, story } = await anImport()
    await put('a.tar.gz', anArchive())
    let replaced = false
    const open: MemoryStore['open'] = async (key, options) => {
      if (!replaced) await put('a.tar.gz', anArchive())
      replaced = true
      return store.open(key, options)
    }
    await start({
      store: Object.assign(Object.create(store) as MemoryStore, { open, list: store.list.bind(store) }),
    })
    await until('published a.tar.gz')
    expect(story()).to.deep.equal(['waiting a.tar.gz', 'published a.tar.gz'])
  })

  it('lets nothing overtake what failed, but what is of another model', async () => {
    const { start, put, story, until, events } = await anImport()
    await put('a.tar.gz', anArchive())
    await put('b.tar.gz', anArchive())
    await put('shop/c.tar.gz', anArchive())
    const parts = await anImport()
    let failures = 1
    await start({
      catalog: parts.catalog,
      writesIn: () => ({
        rememberRefused: () => Promise.reject(new Error('Nothing is refused')),
        publish: (_body, { model }) => {
          if (model === 'default' && failures-- > 0) return Promise.reject(new Error('No room'))
          return Promise.resolve({ kind: 'skipped', digest: 'd' })
        },
      }),
    })
    expect(story()).to.deep.equal(['failed a.tar.gz', 'known shop/c.tar.gz'])
    expect(events[0]).to.include({ retryInMs: 20 })
    await until('known b.tar.gz')
    expect(story().slice(2)).to.deep.equal(['known a.tar.gz', 'known b.tar.gz'])
  })
})
