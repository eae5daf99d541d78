import { expect } from 'chai'
import fc from 'fast-check'
import { deleteRelease } from '../../server/releases/delete-release.ts'
import { promoteRelease } from '../../server/releases/promote-release.ts'
import { pruneReleases } from '../../server/upkeep/prune-releases.ts'
import { rollBackTag } from '../../server/releases/roll-back-tag.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { DAY, digestOfText, pollRunning, upkeepParts, type UpkeepParts } from './upkeep-support.ts'
import { aRelease } from '../support/a-release.ts'
import { rolloutParts } from '../support/rollout-parts.ts'

const BOT = '0123456789ab4def8123456789abcdef'

describe('pruneReleases', () => {
  let parts: UpkeepParts

  beforeEach(async () => {
    parts = await upkeepParts()
    for (let number = 1; number <= 9; number++) await parts.publish(`archive ${number}`)
    parts.clock.advance(100 * DAY)
  })

  const prune = (policy = { keepReleases: 1 }, dryRun = false) =>
    pruneReleases(parts, { model: 'shop', policy, dryRun })
  const numbers = async () =>
    (await parts.catalog.listReleases('shop', { limit: 100 })).map(({ number }) => number)
  const promote = (tag: string, release: number) =>
    promoteRelease(parts, { model: 'shop', tag, release, by: 'anonymous' })

  it('leaves what a tag needs and the newest, and says what went', async () => {
    await promote('production', 2)
    const { pruned } = await prune()
    expect(pruned.map(({ number }) => number)).to.deep.equal([4, 3, 1])
    expect(await numbers()).to.deep.equal([9, 8, 7, 6, 5, 2])
  })

  it('says the same in a dry run, and changes nothing', async () => {
    const before = await parts.catalog.readCurrent()
    const dry = await prune(undefined, true)
    expect(await numbers()).to.have.length(9)
    expect(await parts.catalog.readCurrent()).to.deep.equal(before)
    expect(await prune()).to.deep.equal(dry)
  })

  it('keeps as much of each history as asked for', async () => {
    await pruneReleases(parts, { model: 'shop', policy: { keepReleases: 1, keepHistory: 2 }, dryRun: false })
    expect(await numbers()).to.deep.equal([9, 8])
  })

  it('spares what a poll claimed a moment ago, though nothing was written down yet', async () => {
    pollRunning(parts, 'shop', BOT, digestOfText('archive 1'))
    await prune()
    expect(await numbers()).to.include(1)
    parts.clock.advance(31 * DAY)
    await prune()
    expect(await numbers()).not.to.include(1)
  })

  it('spares what was seen running under another model', async () => {
    pollRunning(parts, 'bank', BOT, digestOfText('archive 1'))
    await prune()
    expect(await numbers()).to.include(1)
  })

  it('notes the blobs that became free, and no other', async () => {
    await parts.publish('archive 1', 'bank')
    await prune()
    const free = await parts.catalog.listUnusedBlobs('9999', 100)
    expect(free).to.deep.equal(['archive 2', 'archive 3', 'archive 4'].map(digestOfText).sort())
  })

  it('prunes nothing of other models, and refuses one that does not exist', async () => {
    await parts.publish('archive 1', 'bank')
    await prune()
    expect(await parts.catalog.countReleases('bank')).to.equal(1)
    const refusal = await rejection(
      pruneReleases(parts, { model: 'none', policy: { keepReleases: 1 }, dryRun: true }),
    )
    expect(refusal).to.include({ code: 'model-not-found' })
  })

  it('never gives a pruned number again', async () => {
    await prune()
    expect(await parts.publish('archive 10')).to.include({ number: 10 })
  })

  it('loses no race against promotions, roll-backs, deletions and publishing', async () => {
    let models = 0
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 8 }),
        async (scheduler, targets) => {
          // A model for each run, in one catalog and in one write: every other write waits for the disk.
          const model = `raced-${++models}`
          await addOldReleases(parts, model)
          const catalog = scheduled(parts.catalog, scheduler)
          const { runner: tagMover } = rolloutParts(catalog, { ...parts, tracker: parts.fleet })
          const dependencies = { ...parts, catalog, tagMover }
          const begun = [
            pruneReleases(dependencies, { model, policy: { keepReleases: 1 }, dryRun: false }),
            ...targets.map((release, index) => {
              const tag = `tag${index % 3}`
              if (index % 4 === 3) return deleteRelease(dependencies, model, release)
              if (index % 4 === 2) return rollBackTag(dependencies, { model, tag, release, by: 'me' })
              return promoteRelease(dependencies, { model, tag, release, by: 'me' })
            }),
          ]
          const settled = Promise.allSettled(begun)
          await scheduler.waitFor(settled)
          const [pruning] = await settled
          expect(pruning?.status).to.equal('fulfilled')
          for (const tag of await parts.catalog.listTags(model)) {
            expect(await parts.catalog.findRelease(model, tag.release)).to.include({ digest: tag.digest })
            expect(await parts.blobs.stat(tag.digest)).not.to.equal(undefined)
          }
        },
      ),
      { numRuns: 40 },
    )
  })
})

/** Gives a model nine releases of archives that are stored already, the last of which is the latest. */
async function addOldReleases({ catalog }: UpkeepParts, model: string): Promise<void> {
  const at = '2026-01-01T08:00:00.000Z'
  await catalog.write(model, async (writer) => {
    await writer.ensureModel(model, at)
    for (let number = 1; number <= 9; number++) {
      await writer.insertRelease(
        aRelease({ model, number, digest: digestOfText(`archive ${number}`), publishedAt: at }),
      )
    }
    await writer.moveTag(model, 'latest', 9, { movedAt: at, movedBy: 'anonymous', reason: null })
  })
}

/** The same catalog, whose writes begin in an order that the scheduler chooses. */
function scheduled(catalog: UpkeepParts['catalog'], scheduler: fc.Scheduler): UpkeepParts['catalog'] {
  return new Proxy(catalog, {
    get(target, name) {
      if (name === 'write') {
        return async (...[model, work]: Parameters<typeof catalog.write>) => {
          await scheduler.schedule(Promise.resolve(), 'write')
          return target.write(model, work)
        }
      }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
