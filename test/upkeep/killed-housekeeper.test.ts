import { expect } from 'chai'
import { pino } from 'pino'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { HOUSEKEEPER_LEASE } from '../../server/catalog/leases.ts'
import type { Housekeeping } from '../../server/coordination/housekeeping.ts'
import { RecordWriter } from '../../server/exporting/records/record-writer.ts'
import { TagExporter } from '../../server/exporting/tag-exporter.ts'
import { BucketImport } from '../../server/intake/bucket/bucket-import.ts'
import { rememberRefusal } from '../../server/intake/remember-refusal.ts'
import { deleteRelease } from '../../server/releases/delete-release.ts'
import { publishModel } from '../../server/releases/publish-model.ts'
import { LeaseHousekeeper } from '../../server/upkeep/lease-housekeeper.ts'
import { sharedRemoval } from '../../server/upkeep/remove-blobs.ts'
import { readScrubProgress } from '../../server/upkeep/scrub-storage.ts'
import { Upkeep, type SCHEDULES } from '../../server/upkeep/upkeep.ts'
import { WebhookDispatcher } from '../../server/webhooks/webhook-dispatcher.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { aMove, aWebhook } from '../contracts/catalog-webhooks.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { MortalServer, type Death } from '../support/kills/mortal-server.ts'
import { rolloutParts } from '../support/rollout-parts.ts'
import { keysOf, putObject, readObject } from '../support/store-access.ts'
import { DAY, digestOfText, storedDigests, upkeepParts, type UpkeepParts } from './upkeep-support.ts'

/** What a server does its task with. */
interface Hands {
  readonly catalog: Catalog
  readonly housekeeping: Housekeeping
  /** Stands between the server and a store, or whatever else it changes. */
  readonly store: (store: ObjectStore) => ObjectStore
  readonly step: MortalServer['step']
}

interface Task {
  start(): unknown
  stop(): unknown
}

/** Something for a housekeeper to do, and what there is to be when it was done. */
interface Work {
  readonly begin: (hands: Hands) => Task
  readonly isDone: () => Promise<boolean>
  /** What must be so then, however often it was begun. */
  readonly verify?: () => Promise<void> | void
}

const NEVER = { first: 1e8, every: 1e8 }
const ONCE = { first: 0, every: 5 }

const upkeep =
  (parts: UpkeepParts, task: keyof typeof SCHEDULES) =>
  ({ catalog, housekeeping, store }: Hands): Task => {
    const blobs = new ObjectBlobs(store(parts.store), () => Promise.resolve(undefined))
    const never = { fleet: NEVER, forgetting: NEVER, orphans: NEVER, sweep: NEVER, retention: NEVER }
    const reads = { isBeingRead: () => Promise.resolve(false) }
    return new Upkeep(
      {
        ...parts,
        catalog,
        blobs,
        housekeeping,
        logger: pino({ level: 'silent' }),
        removalOver: (over) => sharedRemoval({ blobs, catalog: over, reads }),
        fleet: { tick: () => undefined, forgetOld: () => Promise.resolve(), save: () => Promise.resolve() },
        verifier: { verify: () => Promise.resolve('sound') },
        retention: { keepReleases: 1, keepHistory: 1 },
        graceMilliseconds: DAY,
        scrub: true,
        isCatalogLost: () => false,
        readSpace: () => Promise.resolve({ free: 50, total: 100 }),
      },
      { ...never, scrub: NEVER, disk: NEVER, clock: NEVER, [task]: ONCE },
    )
  }

const numbersIn = async ({ catalog }: UpkeepParts): Promise<number[]> =>
  (await catalog.listReleases('shop', { limit: 100 })).map(({ number }) => number)

const works: Readonly<Record<string, (parts: UpkeepParts) => Promise<Work>>> = {
  async prunes(parts) {
    for (const text of ['one', 'two', 'three', 'four']) await parts.publish(text)
    return {
      begin: upkeep(parts, 'retention'),
      // What `latest` may go back to stays.
      isDone: async () => (await numbersIn(parts)).join() === '4,3',
    }
  },

  async 'notes blobs that nothing uses'(parts) {
    for (const text of ['one', 'two', 'three']) await parts.publish(text)
    const staged = await parts.blobs.stage()
    await staged.write(Buffer.from('left behind'))
    await staged.commit()
    const noted = () => parts.catalog.listUnusedBlobs('9999-12-31T23:59:59.999Z', 100)
    return {
      begin: upkeep(parts, 'orphans'),
      isDone: async () => (await noted()).join() === digestOfText('left behind'),
    }
  },

  async sweeps(parts) {
    for (const text of ['one', 'two', 'three']) await parts.publish(text)
    for (const number of [1, 2]) await deleteRelease(parts, 'shop', number)
    parts.clock.advance(2 * DAY)
    return {
      begin: upkeep(parts, 'sweep'),
      isDone: async () => {
        const unused = await parts.catalog.listUnusedBlobs('9999-12-31T23:59:59.999Z', 100)
        const retired = await parts.catalog.listRetiredBlobs(100)
        const stored = await storedDigests(parts.blobs)
        return unused.length + retired.length === 0 && stored.join() === digestOfText('three')
      },
    }
  },

  async 'hashes what is stored'(parts) {
    await parts.publish('one')
    return {
      begin: upkeep(parts, 'scrub'),
      isDone: async () => (await readScrubProgress(parts.catalog))?.position === digestOfText('one'),
    }
  },

  async exports(parts) {
    const bucket = new MemoryStore()
    await parts.publish('one', 'shop', ['production'])
    return {
      begin: ({ catalog, housekeeping, store }) =>
        new TagExporter({
          ...parts,
          catalog,
          housekeeping,
          store: store(bucket),
          termMs: 5,
          place: 's3://released',
          nameTemplate: '{tag}.tar.gz',
          tags: undefined,
          onEvent: () => undefined,
        }),
      async isDone() {
        const [exported] = await parts.catalog.listExports()
        return typeof exported?.version === 'string'
      },
      async verify() {
        const [exported] = await parts.catalog.listExports()
        const { version } = (await bucket.stat('shop/production.tar.gz'))!
        expect(exported).to.include({ version, digest: digestOfText('one') })
        expect((await readObject(bucket, 'shop/production.tar.gz')).toString()).to.equal('one')
      },
    }
  },

  async imports(parts) {
    const bucket = new MemoryStore()
    await putObject(bucket, 'shop/a.tar.gz', anArchive())
    return {
      begin({ catalog, housekeeping, store }) {
        const blobs = new ObjectBlobs(store(parts.store), () => Promise.resolve(undefined))
        // Of this process, and gone with it.
        const { runner: tagMover } = rolloutParts(catalog, { clock: parts.clock, current: parts.current })
        const own = { ...parts, blobs, tagMover, blobLock: new KeyedMutex() }
        return new BucketImport({
          store: bucket,
          place: 's3://trained',
          except: undefined,
          intervalMilliseconds: 5,
          catalog,
          housekeeping,
          clock: parts.clock,
          rules: '1',
          onEvent: () => undefined,
          writesIn({ fence }) {
            const inTerm = { ...own, catalog: fence(catalog) }
            return {
              publish: (body, terms) => publishModel(inTerm, body, terms),
              rememberRefused: (look, code, refusedBy) => rememberRefusal(inTerm, look, code, refusedBy),
            }
          },
        })
      },
      isDone: async () => (await parts.catalog.findIntakeRecord('s3://trained/shop/a.tar.gz')) !== undefined,
      async verify() {
        expect(await numbersIn(parts)).to.deep.equal([1])
      },
    }
  },

  async 'sends to webhooks'({ catalog: there, clock }) {
    await there.writeShared((writer) => writer.insertWebhook(aWebhook()))
    const told = [1, 2].map((to) => aMove('shop', to, { at: clock.now() }))
    await there.writeShared((writer) => writer.addEvents(told))
    const sent: { name: string; to: unknown }[] = []
    return {
      begin: ({ catalog, housekeeping, step }) =>
        new WebhookDispatcher({
          catalog,
          clock,
          housekeeping,
          random: () => 0.5,
          publicUrl: undefined,
          pace: 5,
          sender: {
            send: ({ message, body }) =>
              step(() => {
                sent.push({ name: message, to: (JSON.parse(body) as { data: { to: number } }).data.to })
                return Promise.resolve({ kind: 'accepted', status: 200 } as const)
              }),
            findRefusal: () => Promise.resolve(undefined),
          },
          onAttempt: () => undefined,
          onFailure: () => undefined,
        }),
      isDone: async () => (await there.summarizeDeliveries()).every(({ waiting }) => waiting === 0),
      verify() {
        expect([...new Set(sent.map(({ to }) => to))]).to.deep.equal([1, 2])
        expect(new Set(sent.map(({ name }) => name)).size).to.equal(2)
        expect(sent.length, 'only what was on its way is sent again').to.be.at.most(3)
      },
    }
  },

  async 'writes records of the catalog'(parts) {
    const bucket = new MemoryStore()
    for (const text of ['one', 'two', 'three']) await parts.publish(text, 'shop', ['production'])
    await deleteRelease(parts, 'shop', 1)
    const { revision } = (await parts.catalog.findModel('shop'))!
    return {
      begin: ({ catalog, housekeeping, store }) =>
        new RecordWriter({
          ...parts,
          catalog,
          housekeeping,
          store: store(bucket),
          onFailure: () => undefined,
          pauses: { first: 5, longest: 5 },
        }),
      isDone: async () =>
        (await parts.catalog.findTaskProgress('records:shop'))?.position === String(revision),
      async verify() {
        expect(await keysOf(bucket)).to.deep.equal([
          'records/shop/releases/2.json',
          'records/shop/releases/3.json',
          'records/shop/tags.json',
        ])
        const record = (await readObject(bucket, 'records/shop/tags.json')).toString()
        expect(record).to.contain('"tag":"production","release":3')
      },
    }
  },
}

describe('a housekeeper that is killed at any step of a task', function () {
  this.timeout(180_000)

  const aHousekeeper = (catalog: Catalog, holder: string) =>
    new LeaseHousekeeper({
      catalog,
      self: { holder, place: '', host: holder },
      timings: { duration: 3_600_000, renewal: 3_600_000, margin: 1_000 },
    })

  /** @returns whether it had so many steps. */
  async function dies(death: Death, prepare: (parts: UpkeepParts) => Promise<Work>): Promise<boolean> {
    const parts = await upkeepParts()
    const { begin, isDone, verify } = await prepare(parts)
    const former = aHousekeeper(parts.catalog, 'former')
    await former.renew()
    const { epoch } = former.term!
    const mortal = new MortalServer(death)
    const task = begin({
      catalog: mortal.catalog(parts.catalog),
      housekeeping: former,
      store: (store: ObjectStore) => mortal.store(store),
      step: (work) => mortal.step(work),
    })
    void task.start()
    await eventually('it is killed, or done', async () => mortal.hasDied() || (await isDone()))
    if (!mortal.hasDied()) {
      await task.stop()
      if (!mortal.hasDied()) {
        await verify?.()
        return false
      }
    }
    // Its lease ends, as it is not renewed.
    await parts.catalog.writeShared((writer) => writer.giveUpLease(HOUSEKEEPER_LEASE, 'former', epoch))
    const next = aHousekeeper(parts.catalog, 'next')
    await next.renew()
    expect(next.term?.epoch).to.be.above(epoch)
    const again = begin({
      catalog: parts.catalog,
      housekeeping: next,
      store: (store: ObjectStore) => store,
      step: (work) => work(),
    })
    await again.start()
    await eventually('the next one does it', isDone)
    await again.stop()
    await verify?.()
    return true
  }

  for (const [does, prepare] of Object.entries(works))
    it(`leaves nothing that the next one does not do, where it ${does}`, async () => {
      let step = 1
      while (await dies({ step, isDone: false }, prepare)) {
        await dies({ step, isDone: true }, prepare)
        step++
      }
      expect(step, 'steps').to.be.above(1)
    })
})
