import { expect } from 'chai'
import fc from 'fast-check'
import { IMMEDIATE } from '../../protocol/rollout-policy.ts'
import {
  selectRelease,
  type Selection,
  type SelectionQuestion,
} from '../../server/rollouts/select-release.ts'
import type { PlacesTaken } from '../../server/rollouts/updating.ts'
import { NEW, OLD, START, target } from '../fleet/facts.ts'
import { begin, failed, fleet, loaded, unit } from './rollout-support.ts'

function select(question: Partial<SelectionQuestion> = {}, seconds = 0): Selection {
  const asking = question.unit ?? unit('pod-1')
  return selectRelease(
    {
      unit: asking,
      process: asking.processes[0]!,
      current: OLD,
      rollout: null,
      policy: IMMEDIATE,
      places: { taken: 0, population: 10 },
      fallbacks: [OLD],
      ...question,
    },
    START + seconds * 1000,
  )
}

const COLD = { digest: null, polls: 0 }
const UNCHANGED = { kind: 'unchanged', target: OLD }
const OFFER_NEW = { kind: 'offer', target: NEW }

describe('selectRelease', () => {
  it('leaves a process alone that runs what the tag points at', () => {
    expect(select()).to.deep.equal(UNCHANGED)
  })

  it('offers what the tag points at to everybody else', () => {
    expect(select({ unit: unit('pod-1', COLD) })).to.deep.equal({ kind: 'offer', target: OLD })
    expect(select({ current: NEW })).to.deep.equal(OFFER_NEW)
    expect(select({ unit: unit('pod-1', { digest: target(99).digest }) })).to.deep.equal({
      kind: 'offer',
      target: OLD,
    })
  })

  it('counts no places where any number of bots may update, and no population for a number of them', () => {
    const asking = unit('pod-1')
    const question = (maxUpdating: number | null, places: () => PlacesTaken): SelectionQuestion => ({
      unit: asking,
      process: asking.processes[0]!,
      current: NEW,
      rollout: null,
      fallbacks: [],
      policy: { ...IMMEDIATE, maxUpdating },
      get places() {
        return places()
      },
    })
    const refuse = (): never => {
      throw new Error('the whole fleet was looked at')
    }
    expect(selectRelease(question(null, refuse), START)).to.deep.equal(OFFER_NEW)
    const taken = {
      taken: 0,
      get population() {
        return refuse()
      },
    }
    expect(
      selectRelease(
        question(1, () => taken),
        START,
      ),
    ).to.deep.equal(OFFER_NEW)
  })

  it('has nothing for a tag that points nowhere', () => {
    expect(select({ current: null })).to.deep.equal({ kind: 'none' })
  })

  describe('with a canary', () => {
    const units = fleet(3)
    const { rollout } = begin({ steps: [1, '100%'] }, units)
    const [canary] = rollout.steps[0]!.members as [string]
    const other = units.find(({ id }) => id !== canary)!.id

    it('offers the new release to the bots of the step, and the old one to all others', () => {
      expect(select({ rollout, unit: unit(canary) })).to.deep.equal(OFFER_NEW)
      expect(select({ rollout, unit: unit(other) })).to.deep.equal(UNCHANGED)
      expect(select({ rollout, unit: unit(canary, COLD) })).to.deep.equal(OFFER_NEW)
      expect(select({ rollout, unit: unit(other, COLD) })).to.deep.equal({ kind: 'offer', target: OLD })
      expect(select({ rollout, unit: unit('pod-99', COLD) })).to.deep.equal({ kind: 'offer', target: OLD })
    })

    it('offers the old release to whoever runs the new one and is not meant to', () => {
      expect(select({ rollout, unit: unit(other, loaded(NEW, START)) })).to.deep.equal({
        kind: 'offer',
        target: OLD,
      })
    })

    it('lets a bot of the step wait while it is paused, unless it has nothing to run', () => {
      const paused = { ...rollout, state: 'paused' as const }
      expect(select({ rollout: paused, unit: unit(canary) })).to.deep.include({
        kind: 'hold',
        status: 304,
        standing: 'waiting',
      })
      expect(select({ rollout: paused, unit: unit(canary, COLD) })).to.deep.equal(OFFER_NEW)
    })

    it('offers the old release to everybody once it is taken back', () => {
      const reverting = { ...rollout, state: 'reverting' as const, goal: 'reverted' as const }
      expect(select({ rollout: reverting, unit: unit(canary, loaded(NEW, START)) })).to.deep.equal({
        kind: 'offer',
        target: OLD,
      })
      expect(select({ rollout: reverting, unit: unit(canary) })).to.deep.equal(UNCHANGED)
    })

    it('says 204 to a bot that waits with a release of neither side', () => {
      const paused = { ...rollout, state: 'paused' as const }
      expect(select({ rollout: paused, unit: unit(canary, { digest: target(3).digest }) })).to.include({
        status: 204,
      })
    })
  })

  describe('after failures', () => {
    const everybody = begin({}, fleet(3)).rollout

    it('offers a release again until three loads failed', () => {
      expect(select({ rollout: everybody, unit: unit('pod-1', failed(NEW, 2)) })).to.deep.equal(OFFER_NEW)
    })

    it('leaves a bot alone with what it runs after three', () => {
      expect(select({ rollout: everybody, unit: unit('pod-1', failed(NEW)) })).to.deep.include({
        kind: 'hold',
        status: 304,
        standing: 'left-alone',
      })
    })

    it('tries once more after an hour', () => {
      expect(select({ rollout: everybody, unit: unit('pod-1', failed(NEW)) }, 3599)).to.include({
        kind: 'hold',
      })
      expect(select({ rollout: everybody, unit: unit('pod-1', failed(NEW)) }, 3600)).to.deep.equal(OFFER_NEW)
    })

    it('gives up transfers after five', () => {
      const transfers = (count: number) => unit('pod-1', failed(NEW, 0, { transfers: count }))
      expect(select({ rollout: everybody, unit: transfers(4) })).to.deep.equal(OFFER_NEW)
      expect(select({ rollout: everybody, unit: transfers(5) })).to.include({ standing: 'left-alone' })
    })

    it('offers the last release that ran to a process that has nothing', () => {
      expect(select({ rollout: everybody, unit: unit('pod-1', { ...COLD, ...failed(NEW) }) })).to.deep.equal({
        kind: 'offer',
        target: OLD,
      })
    })

    it('says 204 to a process that has nothing where there is nothing else', () => {
      const cold = unit('pod-1', { ...COLD, ...failed(NEW) })
      expect(select({ rollout: everybody, unit: cold, fallbacks: [NEW] })).to.include({
        kind: 'hold',
        status: 204,
      })
    })

    it('never falls back to the release under rollout for a bot that it is not meant for', () => {
      const { rollout } = begin({ steps: [1, '100%'] }, fleet(3))
      const other = fleet(3).find(({ id }) => !rollout.steps[0]!.members.includes(id))!.id
      const cold = unit(other, { ...COLD, ...failed(OLD) })
      expect(select({ rollout, unit: cold, fallbacks: [NEW] })).to.include({ kind: 'hold', status: 204 })
    })
  })

  describe('with maxUpdating', () => {
    const policy = { ...IMMEDIATE, maxUpdating: 1 }
    const full = { taken: 1, population: 3 }
    const rollout = begin({}, fleet(3)).rollout

    it('lets a bot wait while all places are taken', () => {
      expect(select({ rollout, policy, places: full })).to.include({ kind: 'hold', standing: 'waiting' })
      expect(select({ rollout, policy })).to.deep.equal(OFFER_NEW)
    })

    it('lets a bot wait, and be ready again, whose place others took that could not wait', () => {
      const draining = unit('pod-1', { standing: 'draining', drainingSince: START })
      const places = { taken: 2, population: 3 }
      expect(select({ rollout, policy: { ...policy, drain: 30 }, places, unit: draining }, 40)).to.include({
        kind: 'hold',
        standing: 'waiting',
      })
    })

    it('counts a bot once, however many of its processes load', () => {
      const offer = { ...NEW, begunAt: START, sentAt: START, attempt: 1, stream: 's' }
      const [one] = unit('pod-1', { offer }).processes
      const [two] = unit('pod-1').processes
      const both = { ...unit('pod-1'), processes: [one!, { ...two!, process: 'b' }] }
      expect(
        select({ rollout, policy, places: full, unit: both, process: both.processes[1]! }),
      ).to.deep.equal(OFFER_NEW)
    })

    it('never lets a process wait that has nothing to run', () => {
      expect(select({ rollout, policy, places: full, unit: unit('pod-1', COLD) })).to.deep.equal(OFFER_NEW)
    })

    it('lets no bot wait that does not count as evidence', () => {
      const newcomer = unit('pod-1', {}, { isEvidence: false })
      expect(select({ rollout, policy, places: full, unit: newcomer })).to.deep.equal(OFFER_NEW)
    })

    it('drains first, where that is asked for', () => {
      const draining = { ...policy, drain: 30 }
      expect(select({ rollout, policy: draining })).to.deep.include({
        kind: 'hold',
        status: 304,
        standing: 'draining',
      })
      const since = unit('pod-1', { standing: 'draining', drainingSince: START })
      expect(select({ rollout, policy: draining, unit: since }, 29)).to.include({ standing: 'draining' })
      expect(select({ rollout, policy: draining, unit: since }, 30)).to.deep.equal(OFFER_NEW)
    })

    it('goes back without places and drain where that was asked for', () => {
      const hasty = { ...rollout, state: 'reverting' as const, hasty: true }
      const runs = unit('pod-1', loaded(NEW, START))
      expect(
        select({ rollout: hasty, policy: { ...policy, drain: 30 }, places: full, unit: runs }),
      ).to.deep.equal({
        kind: 'offer',
        target: OLD,
      })
    })
  })

  it('never holds a process that has nothing, while it has not failed', () => {
    const state = fc.constantFrom('running' as const, 'paused' as const, 'reverting' as const)
    fc.assert(
      fc.property(state, fc.nat(5), fc.nat(3), fc.nat(4), (rolloutState, taken, step, pod) => {
        const { rollout } = begin({ steps: [1, 2, '50%', '100%'], maxUpdating: 1 }, fleet(4))
        const asked = { ...rollout, state: rolloutState, step }
        const answer = select({
          rollout: asked,
          policy: rollout.policy,
          places: { taken, population: 4 },
          unit: unit(`pod-${pod + 1}`, COLD),
        })
        expect(answer.kind).to.equal('offer')
      }),
    )
  })
})
