import { expect } from 'chai'
import { pino } from 'pino'
import { auditedCatalog } from '../../server/access/audit/audited-catalog.ts'
import { aroundWrites } from '../../server/catalog/around-writes.ts'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { HOUSEKEEPER_LEASE } from '../../server/catalog/leases.ts'
import { composeAudit } from '../../server/composition/compose-audit.ts'
import type { Surroundings } from '../../server/composition/surroundings.ts'
import type { Housekeeping } from '../../server/coordination/housekeeping.ts'
import { RecordWriter } from '../../server/exporting/records/record-writer.ts'
import { TagExporter } from '../../server/exporting/tag-exporter.ts'
import { BucketImport } from '../../server/intake/bucket/bucket-import.ts'
import { rememberRefusal } from '../../server/intake/remember-refusal.ts'
import { deleteRelease } from '../../server/releases/delete-release.ts'
import { publishModel } from '../../server/releases/publish-model.ts'
import { LeaseHousekeeper } from '../../server/upkeep/lease-housekeeper.ts'
import { Upkeep, type SCHEDULES } from '../../server/upkeep/upkeep.ts'
import { WebhookDispatcher } from '../../server/webhooks/webhook-dispatcher.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { aMove, aWebhook } from '../contracts/catalog-webhooks.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { rolloutParts } from '../support/rollout-parts.ts'
import { putObject } from '../support/store-access.ts'
import { DAY, digestOfText, pollRunning, upkeepParts, type UpkeepParts } from './upkeep-support.ts'

const BOT = '0123456789ab4def8123456789abcdef'

/** A task of the housekeeper that is under way. */
interface Task {
  start(): unknown
  stop(): unknown
}

/** Puts a task together, with something for it to do. `catalog` is what it writes through. */
type MakeTask = (
  parts: UpkeepParts,
  catalog: Catalog,
) => Promise<(housekeeping: Housekeeping) => Task> | ((housekeeping: Housekeeping) => Task)

const NEVER = { first: 1e8, every: 1e8 }
const OFTEN = { first: 0, every: 5 }

/** A task of upkeep alone. @param prepare Has something to do for it. */
const upkeep =
  (task: keyof typeof SCHEDULES, prepare: (parts: UpkeepParts) => unknown): MakeTask =>
  async (parts, catalog) => {
    await prepare(parts)
    const never = { fleet: NEVER, forgetting: NEVER, orphans: NEVER, sweep: NEVER, retention: NEVER }
    return (housekeeping) =>
      new Upkeep(
        {
          ...parts,
          catalog,
          housekeeping,
          logger: pino({ level: 'silent' }),
          fleet: { ...asKeeper(parts, catalog), save: () => Promise.resolve() },
          verifier: { verify: () => Promise.resolve('sound') },
          retention: { keepReleases: 1, keepHistory: 1 },
          graceMilliseconds: DAY,
          scrub: true,
          isCatalogLost: () => false,
          readSpace: () => Promise.resolve({ free: 50, total: 100 }),
        },
        { ...never, scrub: NEVER, disk: NEVER, clock: NEVER, [task]: OFTEN },
      )
  }

/** What forgets old bots, as one of several servers does. */
function asKeeper({ clock, fleet: tracker }: UpkeepParts, catalog: Catalog) {
  const { fleet } = rolloutParts(catalog, { clock, tracker, isShared: true })
  if (fleet === undefined) throw new Error('It shares nothing')
  return { tick: () => undefined, forgetOld: fleet.forgetOld.bind(fleet) }
}

const exporting = {
  place: 's3://released',
  nameTemplate: '{tag}.tar.gz',
  tags: undefined,
  onEvent: () => undefined,
}

const tasks: Readonly<Record<string, MakeTask>> = {
  'notes blobs that nothing uses': upkeep('orphans', async ({ publish, blobs }) => {
    for (const text of ['one', 'two', 'three']) await publish(text)
    const staged = await blobs.stage()
    await staged.write(Buffer.from('left behind'))
    await staged.commit()
  }),
  'sweeps them': upkeep('sweep', async (parts) => {
    for (const text of ['one', 'two']) await parts.publish(text)
    await deleteRelease(parts, 'shop', 1)
    parts.clock.advance(2 * DAY)
  }),
  'deletes old releases': upkeep('retention', async ({ publish }) => {
    for (const text of ['one', 'two', 'three']) await publish(text)
  }),
  'hashes blobs': upkeep('scrub', ({ publish }) => publish('one')),
  'forgets old bots': upkeep('forgetting', async (parts) => {
    pollRunning(parts, 'shop', BOT, digestOfText('one'))
    await parts.fleet.save()
    parts.clock.advance(40 * DAY)
  }),
  'copies what tags point at into a bucket': async (parts, catalog) => {
    await parts.publish('one', 'shop', ['production'])
    return (housekeeping) =>
      new TagExporter({ ...parts, ...exporting, catalog, housekeeping, store: new MemoryStore(), termMs: 5 })
  },
  'takes in what lies in a bucket': async (parts, catalog) => {
    const store = new MemoryStore()
    await putObject(store, 'shop/a.tar.gz', anArchive())
    return (housekeeping) =>
      new BucketImport({
        store,
        place: 's3://trained',
        except: undefined,
        intervalMilliseconds: 5,
        catalog,
        housekeeping,
        clock: parts.clock,
        rules: '1',
        onEvent: () => undefined,
        writesIn: ({ fence }) => {
          const inTerm = { ...parts, catalog: fence(catalog) }
          return {
            publish: (body, terms) => publishModel(inTerm, body, terms),
            rememberRefused: (look, code, refusedBy) => rememberRefusal(inTerm, look, code, refusedBy),
          }
        },
      })
  },
  'sends to webhooks': async ({ clock }, catalog) => {
    await catalog.writeShared((writer) => writer.insertWebhook(aWebhook()))
    await catalog.writeShared((writer) => writer.addEvents([aMove('shop', 1, { at: clock.now() })]))
    return (housekeeping) =>
      new WebhookDispatcher({
        catalog,
        clock,
        housekeeping,
        random: () => 0.5,
        publicUrl: undefined,
        pace: 5,
        sender: {
          send: () => Promise.resolve({ kind: 'accepted', status: 200 }),
          findRefusal: () => Promise.resolve(undefined),
        },
        onAttempt: () => undefined,
        onFailure: () => undefined,
      })
  },
  'shortens the audit': async ({ clock }, catalog) => {
    const audited = auditedCatalog(catalog, clock)
    for (const model of ['one', 'two', 'three']) {
      await audited.write(model, (writer) => writer.ensureModel(model, '2026-12-01T08:00:00.000Z'))
      await audited.write(model, (writer) => writer.setDefaultTag(model, 'production'))
    }
    clock.advance(400 * DAY)
    const config = { auditDays: 30 }
    const surroundings = { config, clock, logger: pino({ level: 'silent' }) } as unknown as Surroundings
    return (housekeeping) =>
      composeAudit(surroundings, { catalog, isLost: () => false }, housekeeping, {
        flushing: NEVER,
        keeping: OFTEN,
      })
  },
  'writes records of the catalog into the bucket': async (parts, catalog) => {
    await parts.publish('one')
    return (housekeeping) => new RecordWriter({ ...parts, catalog, housekeeping, onFailure: () => undefined })
  },
}

describe('a housekeeper that slept while another server took its term', () => {
  const aHousekeeper = (catalog: Catalog, holder: string) =>
    new LeaseHousekeeper({
      // The process stood still, and its clock with it: nothing but the catalog says that the term is over.
      catalog,
      self: { holder, place: '', host: holder },
      monotonic: () => 0,
      timings: { duration: 3_600_000, renewal: 3_600_000, margin: 1_000 },
    })

  for (const [does, make] of Object.entries(tasks)) {
    it(`writes nothing where it ${does}, and the other one does`, async () => {
      const parts = await upkeepParts()
      let written = 0
      const catalog = aroundWrites(parts.catalog, async (run, work) => {
        const result = await run(work)
        written++
        return result
      })
      const [former, next] = [aHousekeeper(parts.catalog, 'former'), aHousekeeper(parts.catalog, 'next')]
      await former.renew()
      const epoch = former.term?.epoch ?? 0
      await parts.catalog.writeShared((writer) => writer.giveUpLease(HOUSEKEEPER_LEASE, 'former', epoch))
      await next.renew()
      const begin = await make(parts, catalog)
      written = 0

      const late = begin(former)
      await late.start()
      await eventually('it finds out', () => former.term === undefined)
      await late.stop()
      expect(written).to.equal(0)

      const task = begin(next)
      await task.start()
      await eventually('the other one does it', () => written > 0)
      await task.stop()
      await next.stop()
    })
  }
})
