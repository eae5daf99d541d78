import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import type { BlobStore } from '../../server/blobs/blob-store.ts'
import type { Catalog, SharedWriter } from '../../server/catalog/catalog.ts'
import { sharedRemoval } from '../../server/upkeep/remove-blobs.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { aRelease, CREATED } from '../contracts/catalog-support.ts'
import { aCatalog } from '../support/a-catalog.ts'

const NOTED = '2020-01-01T00:00:00.000Z'
const DUE = '2020-01-02T00:00:00.000Z'

/** Servers that publish the same bytes, each of which may sleep until its claim has ended, and servers that sweep. */
const plans = fc.record({
  publishers: fc.array(fc.record({ sleeps: fc.boolean() }), { minLength: 1, maxLength: 3 }),
  sweepers: fc.integer({ min: 1, max: 2 }),
})

type Plan = typeof plans extends fc.Arbitrary<infer Value> ? Value : never

describe('servers that publish and sweep the same bytes beside each other', function () {
  this.timeout(120_000)
  let catalog: Catalog
  let store: MemoryStore
  let runs = 0

  beforeEach(async () => {
    catalog = await aCatalog()
    store = new MemoryStore()
  })

  it('lose no released archive, in whatever order their steps come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), plans, async (scheduler, plan) => {
        expect(await play(scheduler, plan)).to.equal('whole')
      }),
      { numRuns: 100 },
    )
  })

  it('would lose one if the publisher did not ask whether its claim was lost', async () => {
    const outcome = await fc.check(
      fc.asyncProperty(fc.scheduler(), plans, async (scheduler, plan) => {
        expect(await play(scheduler, plan, { asks: false })).to.equal('whole')
      }),
      { numRuns: 500, seed: 1, endOnFailure: true },
    )
    expect(outcome.failed).to.equal(true)
  })

  it('would lose one if they used the same key again', async () => {
    const outcome = await fc.check(
      fc.asyncProperty(fc.scheduler(), plans, async (scheduler, plan) => {
        expect(await play(scheduler, plan, { generation: 0 })).to.equal('whole')
      }),
      { numRuns: 500, seed: 1, endOnFailure: true },
    )
    expect(outcome.failed).to.equal(true)
  })

  /** Has all of them go on step by step, one after the other. @param fault What they do other than they should. */
  async function play(
    scheduler: fc.Scheduler,
    { publishers, sweepers }: Plan,
    fault: { asks?: boolean; generation?: number } = {},
  ): Promise<'whole' | 'lost'> {
    const { asks = true } = fault
    const text = `bytes ${++runs}`
    const digest = createHash('sha256').update(text).digest('hex')
    const step = <Value>(work: () => Promise<Value>): Promise<Value> =>
      scheduler.schedule(Promise.resolve()).then(work)
    const share = <Value>(work: (writer: SharedWriter) => Promise<Value>) =>
      step(() => catalog.writeShared(work))
    const put = (blobs: BlobStore, generation: number) => step(() => putText(blobs, text, generation))
    const publish = async (blobs: BlobStore, sleeps: boolean): Promise<void> => {
      const claimed = await share((writer) => writer.claimBlob(digest, sleeps ? -1 : 60_000))
      const generation = fault.generation ?? claimed
      await put(blobs, generation)
      await step(() =>
        catalog.write('shop', async (writer) => {
          if (asks && !(await writer.holdBlob(digest, claimed))) return
          await writer.ensureModel('shop', CREATED)
          await writer.insertRelease({ ...aRelease('shop', 'any'), digest })
        }),
      )
    }
    const sweep = async (blobs: BlobStore): Promise<void> => {
      const stepping: BlobStore = {
        ...blobs,
        delete: (one, generation) => step(() => blobs.delete(one, generation)),
      }
      const ours = { ...catalog, writeShared: share }
      const reads = { isBeingRead: () => Promise.resolve(false) }
      const removal = sharedRemoval({ blobs: stepping, catalog: ours, reads })
      await removal.remove(digest, DUE)
      await removal.finish()
    }
    await putText(aStore(), text, 0)
    await catalog.writeShared((writer) => writer.noteUnusedBlobs([digest], NOTED))
    const acts = [
      ...publishers.map(({ sleeps }) => publish(aStore(), sleeps)),
      ...Array.from({ length: sweepers }, () => sweep(aStore())),
    ]
    await scheduler.waitFor(Promise.all(acts))
    if (!(await catalog.isDigestReleased(digest))) return 'whole'
    return (await aStore().stat(digest)) === undefined ? 'lost' : 'whole'
  }

  /** What one server sees of the bucket. */
  function aStore(): BlobStore {
    return new ObjectBlobs(store, () => Promise.resolve(undefined))
  }
})

async function putText(blobs: BlobStore, text: string, generation: number): Promise<void> {
  const staged = await blobs.stage()
  await staged.write(Buffer.from(text))
  await staged.commit({ generation })
}
