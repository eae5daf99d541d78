import { expect } from 'chai'
import { deleteRelease } from '../../server/releases/delete-release.ts'
import { promoteRelease } from '../../server/releases/promote-release.ts'
import { rollBackTag } from '../../server/releases/roll-back-tag.ts'
import { editReleaseNotes } from '../../server/releases/edit-release-notes.ts'
import { completeStep } from '../../server/rollouts/end-step.ts'
import type { Advanced } from '../../server/rollouts/effect.ts'
import type { Rollout } from '../../server/rollouts/rollout.ts'
import { rejection } from '../contracts/catalog-support.ts'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { eventually } from '../support/eventually.ts'
import { rolloutParts } from '../support/rollout-parts.ts'
import { upkeepParts, type UpkeepParts } from '../upkeep/upkeep-support.ts'

const production = { model: 'shop', tag: 'production', by: 'anonymous' }

describe('moving a tag', () => {
  let parts: UpkeepParts

  beforeEach(async () => {
    parts = await upkeepParts()
    for (const text of ['one', 'two', 'three']) await parts.publish(text)
    await promoteRelease(parts, { ...production, release: 1 })
    await promoteRelease(parts, { ...production, release: 2 })
  })

  /** A blob store that says what `stat` answers. */
  const asking = (stat: UpkeepParts['blobs']['stat']) => ({
    ...parts,
    blobs: new Proxy(parts.blobs, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (name === 'stat') return stat
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    }),
  })

  const moves = {
    'a promotion': (over: UpkeepParts) => promoteRelease(over, { ...production, release: 3 }),
    'a rollback': (over: UpkeepParts) => rollBackTag(over, production),
  }
  for (const [name, move] of Object.entries(moves)) {
    it(`holds up no other write where storage never answers ${name}`, async () => {
      let asked = false
      const stuck = asking(() => {
        asked = true
        return new Promise(() => undefined)
      })
      void move(stuck)
      await eventually('storage was asked', () => asked)
      await editReleaseNotes(parts, 'shop', 1, 'written meanwhile')
      expect(await parts.publish('four')).to.include({ number: 4 })
    })

    it(`is refused where the archive is missing from storage: ${name}`, async () => {
      const refusal = await rejection(move(asking(() => Promise.resolve(undefined))))
      expect(refusal).to.include({ code: 'blob-missing' })
      expect(await parts.catalog.findTag('shop', 'production')).to.include({ release: 2 })
    })

    it(`is refused where the release was deleted while storage was asked: ${name}`, async () => {
      const release = name === 'a rollback' ? 1 : 3
      await rollBackTag(parts, { ...production, tag: 'latest', release: 2 })
      const slow = asking(async (digest) => {
        await deleteRelease(parts, 'shop', release)
        return parts.blobs.stat(digest)
      })
      const refusal = await rejection(move(slow))
      expect(refusal).to.have.property('code').that.is.oneOf(['release-not-found', 'nothing-to-roll-back'])
      expect(await parts.catalog.findTag('shop', 'production')).to.include({ release: 2 })
    })
  }

  it('creates no more tags than a model may have, but still moves those that are there', async () => {
    for (let index = 0; index < 98; index++) {
      await promoteRelease(parts, { ...production, tag: `t${index}`, release: 1 })
    }
    const refusal = await rejection(promoteRelease(parts, { ...production, tag: 'more', release: 1 }))
    expect(refusal).to.include({ code: 'too-many-tags' })
    expect(await promoteRelease(parts, { ...production, tag: 't0', release: 2 })).to.include({
      outcome: 'moved',
    })
    expect(await rejection(parts.publish('four', 'shop', ['more']))).to.include({ code: 'too-many-tags' })
    expect(await parts.catalog.countReleases('shop')).to.equal(3)
  })

  it('asks storage nothing where the tag is there already', async () => {
    const silent = asking(() => Promise.reject(new Error('Nobody should ask')))
    const promoted = await promoteRelease(silent, { ...production, release: 2 })
    expect(promoted).to.include({ outcome: 'unchanged' })
  })

  it('takes back nothing that somebody else promotes at the same moment, where a rollback names no release', async () => {
    const slow = asking(async (digest) => {
      await promoteRelease(parts, { ...production, release: 3 })
      return parts.blobs.stat(digest)
    })
    expect(await rejection(rollBackTag(slow, production))).to.include({ code: 'precondition-failed' })
    expect(await parts.catalog.findTag('shop', 'production')).to.include({ release: 3 })
  })

  /** Something becomes of the rollout of production before the next change that is asked for. */
  function afterIt(becomes: (rollout: Rollout) => Advanced): UpkeepParts {
    let hasBecome = false
    const changeTags = async (...change: Parameters<UpkeepParts['tagMover']['changeTags']>) => {
      await parts.tagMover.change('shop', async (writer) => {
        const rollout = writer.find('production')
        if (rollout !== null && !hasBecome) await writer.apply(becomes(rollout))
        hasBecome = true
      })
      return parts.tagMover.changeTags(...change)
    }
    const tagMover = Object.create(parts.tagMover, {
      changeTags: { value: changeTags },
    }) as UpkeepParts['tagMover']
    return { ...parts, tagMover }
  }

  it('takes nothing back where somebody else has the rollout go back at the same moment, and it ends', async () => {
    await promoteRelease(parts, { ...production, release: 3, policy: { steps: [1, '100%'], soak: 600 } })
    const ended = { state: 'aborted', goal: 'aborted', endedAt: 1 } as const
    const over = afterIt((rollout) => ({ rollout: { ...rollout, ...ended }, effects: [] }))
    const { outcome } = await rollBackTag(over, production)
    expect(outcome).to.equal('unchanged')
    expect(await parts.catalog.findTag('shop', 'production')).to.include({ release: 2 })
  })

  it('has bots go back in haste where that was asked for, and somebody else takes the tag back at the same moment', async () => {
    await promoteRelease(parts, { ...production, release: 3, policy: { maxUpdating: 1, soak: 60 } })
    const slow = asking(async (digest) => {
      await rollBackTag(parts, { ...production, by: 'bob' })
      return parts.blobs.stat(digest)
    })
    await rollBackTag(slow, { ...production, now: true })
    const underWay = await parts.catalog.findRolloutUnderWay('shop', 'production')
    expect(underWay).to.include({ state: 'reverting', hasty: true })
  })

  it('takes back what a rollout goes on to bring out by itself at the same moment', async () => {
    const policy = { steps: [1, '100%'], soak: 600 }
    for (const becomes of [
      (rollout: Rollout) => completeStep(rollout, 'passed', [], 5, 'step 1 passed'),
      (rollout: Rollout) => {
        const { rollout: last, effects } = completeStep(rollout, 'passed', [], 5, 'step 1 passed')
        return { rollout: { ...last, state: 'done' as const, endedAt: 6 }, effects }
      },
    ]) {
      await promoteRelease(parts, { ...production, release: 3, policy })
      const { outcome } = await rollBackTag(afterIt(becomes), production)
      expect(outcome).to.equal('moved')
      expect(await parts.catalog.findTag('shop', 'production')).to.include({ release: 2 })
    }
  })

  it('reads of no release what inspection learned while it goes back: a model may have 10,000 of them', async () => {
    const asked = new Set<string | symbol>()
    const watched = (catalog: Catalog): Catalog =>
      new Proxy(catalog, {
        get: (target, name) => {
          asked.add(name)
          if (name === 'write')
            return (model: string, work: (writer: Catalog) => unknown) =>
              target.write(model, (writer) => Promise.resolve(work(watched(writer as unknown as Catalog))))
          const value: unknown = Reflect.get(target, name)
          return typeof value === 'function' ? (value.bind(target) as unknown) : value
        },
      })
    const catalog = watched(parts.catalog)
    const { runner: tagMover } = rolloutParts(catalog, { ...parts, tracker: parts.fleet })
    const over = { ...parts, catalog, tagMover }
    const staging = { ...production, tag: 'staging' }
    for (const release of [1, 2]) await promoteRelease(over, { ...staging, release })
    asked.clear()
    await rollBackTag(over, staging)
    expect(asked).to.include.keys('listTagTargets', 'moveTag')
    expect(asked).not.to.include.keys('findRelease', 'listReleases')
  })

  it('gives up where others move the tag each time', async () => {
    let newest = 3
    const contested = asking(async (digest) => {
      await parts.publish(`release ${++newest}`)
      await promoteRelease(parts, { ...production, release: newest })
      return parts.blobs.stat(digest)
    })
    const named = { ...production, release: 1 }
    expect(await rejection(rollBackTag(contested, named))).to.include({ code: 'catalog-busy' })
  })
})
