import { expect } from 'chai'
import { describePreview } from '../../client/cli/describe-rollout.ts'
import { IMMEDIATE, type RolloutPolicy } from '../../protocol/rollout-policy.ts'
import { previewRollout } from '../../server/rollouts/rollout-preview.ts'
import type { Unit } from '../../server/rollouts/unit.ts'
import { MINUTE, NEW, OLD, START } from '../fleet/facts.ts'
import { begin, change, effectsOf, failed, fleet, judge, loaded, unit } from './rollout-support.ts'

const NAT = '10.0.9.9'

/** Bots of names that all poll from one address. */
function behindOneAddress(count: number, more: Partial<Unit> = {}): Unit[] {
  return Array.from({ length: count }, (_, index) => at(unit(`nat-${index}`, {}, more), NAT))
}

function at(one: Unit, address: string): Unit {
  return { ...one, source: { ...one.source, address } }
}

/** A rollout whose first step has bots of that address alone, which cannot load the release. */
function failing(policy: object, units: Unit[], others = fleet(2)) {
  const { rollout } = begin({ steps: [1, '50%', '100%'], ...policy }, units)
  const all = [...units, ...others]
  return { rollout, units: change(all, rollout.steps[0]!.members, failed(NEW)) }
}

describe('a canary that polls without a token from the address of other bots', () => {
  it('has no release taken back by failing: a person is told at once', () => {
    const { rollout, units } = failing({}, behindOneAddress(400))
    const after = judge(rollout, units, 60)
    expect(after.rollout.state).to.equal('paused')
    expect(after.rollout.steps[0]!.state).to.equal('inconclusive')
    expect(after.rollout.reason).to.match(
      /^1 of 1 bots could not load release 8 \(nat-\d+: 3 failed loads\), 0 run it; but pulls need no token, and other bots poll from the same address: paused$/,
    )
    expect(effectsOf(after, 'quarantine')).to.deep.equal([])
    expect(judge(after.rollout, units, 70).effects).to.deep.equal([])
  })

  it('has none taken back where the others of the address failed at it too, by another tag', () => {
    const { rollout, units } = failing({}, behindOneAddress(400))
    const ids = units.filter(({ source }) => source.address === NAT).map(({ id }) => id)
    expect(judge(rollout, change(units, ids, failed(NEW)), 60).rollout.state).to.equal('paused')
  })

  it('has none taken back by going to an address of its own, or by the others going away', () => {
    const { rollout, units } = failing({}, behindOneAddress(400))
    const [canary] = rollout.steps[0]!.members
    const moved = units.map((one) => (one.id === canary ? at(one, '10.0.9.10') : one))
    expect(judge(rollout, moved, 60).rollout.state).to.equal('paused')
    const alone = units.filter(({ id, source }) => id === canary || source.address !== NAT)
    expect(judge(rollout, alone, 60).rollout.state).to.equal('paused')
  })

  it('has none go on either, where the policy goes on from what is inconclusive', () => {
    const { rollout, units } = failing({ onInconclusive: 'continue' }, behindOneAddress(4))
    expect(judge(rollout, units, 60).rollout.state).to.equal('paused')
  })

  it('works as ever where it loads the release', () => {
    const { rollout, units } = failing({}, behindOneAddress(4), [])
    const good = change(units, rollout.steps[0]!.members, { ...loaded(NEW, START + MINUTE), failures: [] })
    expect(judge(rollout, good, 61).rollout.step).to.equal(1)
  })

  it('is still doubtful in the next step', () => {
    const { rollout, units } = failing({}, behindOneAddress(4), [])
    const [canary] = rollout.steps[0]!.members as [string]
    const good = change(units, [canary], { ...loaded(NEW, START + MINUTE), failures: [] })
    const moved = good.map((one) => (one.id === canary ? at(one, '10.0.9.10') : one))
    const next = judge(rollout, moved, 61).rollout
    expect(next.step).to.equal(1)
    expect(
      judge(next, change(moved, [canary], { ...failed(NEW), digest: OLD.digest }), 90).rollout.state,
    ).to.equal('paused')
  })

  it('has a bad release taken back where pulls need a token, or come over loopback', () => {
    const { rollout, units } = failing({}, behindOneAddress(4, { mayBeInvented: false }))
    expect(judge(rollout, units, 60, true).rollout.state).to.equal('reverting')
  })

  it('has a bad release taken back where every bot of that address is in the step', () => {
    const { rollout, units } = failing({ steps: [2, '100%'] }, behindOneAddress(2))
    expect(judge(rollout, units, 60).rollout.state).to.equal('reverting')
  })

  it('does not keep a bot of another address from having it taken back', () => {
    const all = [...behindOneAddress(4), ...fleet(4)]
    const { rollout } = begin({ steps: ['87.5%', '100%'] }, all)
    const { members } = rollout.steps[0]!
    const alone = members.filter((id) => id.startsWith('pod-'))
    expect(judge(rollout, change(all, alone.slice(0, 1), failed(NEW)), 60).rollout.state).to.equal(
      'reverting',
    )
  })
})

describe('a preview of a promotion with steps', () => {
  const preview = (units: Unit[], steps: RolloutPolicy['steps'] = [1, '50%', '100%']) =>
    previewRollout({
      to: NEW,
      tagAt: OLD,
      underWay: null,
      isFromTakenBack: false,
      units,
      policy: { ...IMMEDIATE, steps },
      hasOwnPolicy: true,
      isRollback: false,
    })

  it('names the bots that would be in doubt, whichever of them its beginning draws', () => {
    const units = behindOneAddress(4)
    const { rollout } = begin({ steps: [1, '50%', '100%'] }, units)
    const { doubtful } = preview(units)
    expect(doubtful).to.include(rollout.steps[0]!.doubtful![0])
    expect(doubtful).to.have.length(4)
  })

  it('names none where each has an address of its own, where names cannot be invented, or where all get it at once', () => {
    expect(preview(fleet(4)).doubtful).to.deep.equal([])
    expect(preview(behindOneAddress(4, { mayBeInvented: false })).doubtful).to.deep.equal([])
    expect(preview(behindOneAddress(4), ['100%']).doubtful).to.deep.equal([])
  })

  it('says on the command line what that means', () => {
    const { lost, notEvidence, doubtful, ...rest } = preview(behindOneAddress(4))
    const some = (bots: readonly string[]) => ({ bots: bots.length, first: [...bots] })
    const steps = rest.steps.map((step) => ({ ...step, first: [...step.first] }))
    const told = {
      ...rest,
      steps,
      lost: some(lost),
      notEvidence: some(notEvidence),
      doubtful: some(doubtful),
    }
    expect(describePreview(told, 'shop@production', 'promotion')).to.match(/^1 +1 +1 +drawn when it begins$/m)
    expect(describePreview(told, 'shop@production', 'promotion')).to.match(
      /^in doubt, as pulls need no token and others poll from the same address: nat-\d, nat-\d, nat-\d, nat-\d$\nif one of them fails, the rollout waits for you/m,
    )
  })
})
