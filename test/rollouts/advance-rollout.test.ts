import { expect } from 'chai'
import { advanceRollout } from '../../server/rollouts/advance-rollout.ts'
import { freezeMembers, orderSeed } from '../../server/rollouts/membership.ts'
import type { Rollout } from '../../server/rollouts/rollout.ts'
import { noteProbe, steerRollout } from '../../server/rollouts/steer-rollout.ts'
import type { Unit } from '../../server/rollouts/unit.ts'
import { MINUTE, NEW, SECOND, START, target } from '../fleet/facts.ts'
import { begin, change, effectsOf, failed, fleet, judge, loaded, LOADING, unit } from './rollout-support.ts'

const CANARY = { steps: [1, '50%', '100%'] }

/** A rollout with what its first step's bots are doing. */
function canary(policy: object, process: Parameters<typeof change>[2], units = fleet(4)): [Rollout, Unit[]] {
  const { rollout } = begin({ ...CANARY, ...policy }, units)
  return [rollout, change(units, rollout.steps[0]!.members, process)]
}

describe('a rollout begins', () => {
  it('with a frozen first step, ordered by a hash of rollout and bot', () => {
    const units = fleet(8)
    const { rollout } = begin(CANARY, units)
    expect(rollout.steps[0]!.members).to.have.length(1)
    expect(begin(CANARY, units.toReversed()).rollout).to.deep.equal(rollout)
  })

  it('with the same bots as ever where a server began it that drew nothing', () => {
    const older = { model: 'shop', tag: 'production', to: target(8) }
    expect(orderSeed(older)).to.equal('shop@production 8')
    expect(orderSeed({ ...older, order: 'secret' })).to.equal('secret')
  })

  it('with other bots than another one, so that no bot is always the first', () => {
    const units = fleet(50)
    const firstOf = (rollout: number) => freezeMembers(`order ${rollout}`, 1, [], units)
    const first = [8, 9, 10, 11].flatMap(firstOf)
    expect(new Set(first).size).to.be.above(1)
    expect(firstOf(8)).to.deep.equal(firstOf(8))
  })

  it('without moving the tag, which moves when the last step begins', () => {
    expect(effectsOf(begin(CANARY, fleet(4)), 'move-tag')).to.deep.equal([])
    expect(effectsOf(begin({}, fleet(4)), 'move-tag')).to.deep.include({
      kind: 'move-tag',
      to: NEW,
      by: 'ci',
      reason: null,
    })
  })

  it('with bots alone that count as evidence and are not lost', () => {
    const units = [unit('pod-1', {}, { isEvidence: false }), unit('pod-2', { lostAt: START }), unit('pod-3')]
    expect(begin(CANARY, units).rollout.steps[0]!.members).to.deep.equal(['pod-3'])
  })

  it('with everybody where there is nothing to stay with', () => {
    const { rollout } = begin(CANARY, fleet(4), null)
    expect(rollout.steps.map(({ target }) => target)).to.deep.equal(['100%'])
  })
})

describe('a step', () => {
  it('passes when its bots run the release in two polls', () => {
    const [rollout, units] = canary({}, loaded(NEW, START + MINUTE))
    const { rollout: after } = judge(rollout, units, 61)
    expect(after.step).to.equal(1)
    expect(after.steps.map(({ state }) => state)).to.deep.equal(['passed', 'running', 'waiting'])
    expect(after.steps[1]!.members).to.include.members([...after.steps[0]!.members])
    expect(after.steps[1]!.members).to.have.length(2)
  })

  it('says in the singular that one bot of a step runs the release', () => {
    const [rollout, units] = canary({ steps: [1, '100%'] }, loaded(NEW, START + MINUTE))
    const moves = judge(rollout, units, 61).effects
    expect(JSON.stringify(moves)).to.include('1 bot of step 1 runs release 8')
  })

  it('does not pass after one poll', () => {
    const [rollout, units] = canary({}, { ...loaded(NEW, START + MINUTE), polls: 1 })
    expect(judge(rollout, units, 61).rollout.step).to.equal(0)
  })

  it('does not pass before it was seen running the release at the end of the soak', () => {
    const soaking = (lastSeen: number) => canary({ soak: 600 }, loaded(NEW, START, START + lastSeen * 1000))
    expect(judge(...soaking(590), 605).rollout.step).to.equal(0)
    expect(judge(...soaking(600), 605).rollout.step).to.equal(1)
  })

  it('fails when more bots were left alone than it tolerates: the release goes back and is quarantined', () => {
    const [rollout, units] = canary({}, failed(NEW))
    const after = judge(rollout, units, 60)
    expect(after.rollout).to.include({ state: 'reverting', goal: 'reverted' })
    expect(after.rollout.reason).to.match(
      /^1 of 1 bots could not load release 8 \(pod-\d: 3 failed loads\), 0 run it: back to 7$/,
    )
    expect(effectsOf(after, 'quarantine')).to.have.length(1)
    expect(effectsOf(after, 'move-tag')).to.deep.equal([])
  })

  it('pauses where that is the policy', () => {
    const [rollout, units] = canary({ onFail: 'pause' }, failed(NEW))
    const after = judge(rollout, units, 60)
    expect(after.rollout.state).to.equal('paused')
    expect(effectsOf(after, 'quarantine')).to.deep.equal([])
    expect(judge(after.rollout, units, 70).effects).to.deep.equal([])
  })

  it('fails while it is paused, too', () => {
    const [rollout, units] = canary({}, failed(NEW))
    expect(judge({ ...rollout, state: 'paused' }, units, 60).rollout.state).to.equal('reverting')
  })

  it('is inconclusive, never failed, where transfers fail or something is on the way', () => {
    const [rollout, units] = canary({}, failed(NEW, 0, { transfers: 5 }))
    expect(judge(rollout, units, 3599).rollout.state).to.equal('running')
    expect(judge(rollout, units, 3600).rollout).to.include({ state: 'paused' })
    const [, hinted] = canary({}, failed(NEW))
    const onTheWay = hinted.map((each): Unit => ({ ...each, hints: ['compressed-on-the-way'] }))
    expect(judge(rollout, onTheWay, 60).rollout.state).to.equal('running')
    expect(judge(rollout, onTheWay, 3600).rollout.reason).to.include('compressed-on-the-way')
  })

  it('tells at once in the last step, too, that it waits for bots that failed and are too few to fail it', () => {
    const units = fleet(5)
    const { rollout } = begin({ steps: ['100%'], soak: 60 }, units)
    const [alone, ...others] = units.map(({ id }) => id)
    const ran = change(units, others, loaded(NEW, START + SECOND, START + 90 * SECOND))
    const told = judge(rollout, change(ran, [alone!], failed(NEW)), 90)
    expect(told.rollout.reason).to.match(
      /^1 of 5 bots of step 1 was left alone, which does not fail the step \(pod-1: 3 failed loads\), 4 run it: waiting for a person/,
    )
    expect(effectsOf(told, 'alert')).to.have.length(1)
    const passed = steerRollout(told.rollout, 'advance', () => units, START + 95 * SECOND, {
      by: 'ann',
      reason: null,
    })
    expect(passed?.rollout.reason).to.match(
      /^step 1 was passed by ann; before: 1 of 5 bots of step 1 was left alone/,
    )
  })

  it('tells at once, and once, that it waits where its bots failed and nothing is proven by that', () => {
    const [rollout, units] = canary({}, failed(NEW))
    const onTheWay = units.map((each): Unit => ({ ...each, hints: ['compressed-on-the-way'] }))
    const told = judge(rollout, onTheWay, 60)
    expect(told.rollout.reason).to.match(
      /^1 of 1 bots of step 1 was left alone, which proves nothing of release 8 \(pod-\d: 3 failed loads \(compressed-on-the-way\)\), 0 run it: waiting for a person, or for the deadline of 3600 s$/,
    )
    expect(told.rollout).to.include({ state: 'running' })
    expect(told.rollout.steps[0]).to.include({ state: 'inconclusive', endedAt: null })
    expect(effectsOf(told, 'changed')).to.have.length(1)
    expect(effectsOf(told, 'changed')[0]).to.include({ state: 'running', stepState: 'inconclusive' })
    expect(effectsOf(told, 'alert')).to.have.length(1)
    expect(judge(told.rollout, onTheWay, 65).effects).to.deep.equal([])
    expect(judge(told.rollout, onTheWay, 3600).rollout).to.include({ state: 'paused' })
  })

  it('says so no longer where they loaded it after all', () => {
    const [rollout, units] = canary({}, failed(NEW))
    const onTheWay = units.map((each): Unit => ({ ...each, hints: ['compressed-on-the-way'] }))
    const told = judge(rollout, onTheWay, 60).rollout
    const [, recovered] = canary({}, loaded(NEW, START + MINUTE, START + MINUTE))
    const once = recovered.map((each) => ({
      ...each,
      processes: each.processes.map((process) => ({ ...process, polls: 1 })),
    }))
    const again = judge(told, once, 61)
    expect(again.rollout).to.include({ reason: null, step: 0 })
    expect(again.rollout.steps[0]).to.include({ state: 'running' })
    expect(effectsOf(again, 'changed')).to.have.length(1)
    expect(judge(again.rollout, recovered, 62).rollout.step).to.equal(1)
  })

  it('stays paused by a person, whatever its bots do not tell and the policy says of that', () => {
    const [rollout, units] = canary({ onInconclusive: 'revert' }, failed(NEW))
    const onTheWay = units.map((each): Unit => ({ ...each, hints: ['compressed-on-the-way'] }))
    const paused: Rollout = { ...judge(rollout, onTheWay, 60).rollout, state: 'paused' }
    expect(judge(paused, [], 3600)).to.deep.include({ effects: [] })
  })

  it('tells nothing while another bot of it may still load the release', () => {
    const units = fleet(3)
    const { rollout } = begin({ steps: [2, '100%'] }, units)
    const [first = ''] = rollout.steps[0]!.members
    const one = change(units, [first], failed(NEW, 0, { transfers: 5 }))
    expect(judge(rollout, one, 60).effects).to.deep.equal([])
  })

  it('tells at once that no bot of it answers a probe', () => {
    const [begun, units] = canary({ probes: [{ url: 'http://gateway/', status: 200 }] }, loaded(NEW, START))
    const { rollout } = judge(begun, units, 60)
    expect(rollout.reason).to.equal(null)
    const [first = ''] = rollout.steps[0]!.members
    const told = judge(noteProbe(rollout, first, 'unreachable'), units, 61)
    expect(told.rollout.reason).to.include(`(${first}: a probe was not answered)`)
  })

  it('is inconclusive, never passed, where it has no bot', () => {
    const units = fleet(2).map((each) => ({ ...each, isEvidence: false }))
    const { rollout } = judge(begin(CANARY, units).rollout, units, 1)
    expect(rollout.state).to.equal('paused')
    expect(rollout.steps[0]!.state).to.equal('inconclusive')
  })

  it('is inconclusive at the deadline, which each further bot moves', () => {
    const units = fleet(4)
    const { rollout } = begin({ steps: [2, '100%'], deadline: 600 }, units)
    const [one] = rollout.steps[0]!.members as [string]
    const half = change(units, [one], loaded(NEW, START + 500_000))
    const later = judge(rollout, half, 599).rollout
    expect(judge(later, half, 1198).rollout.state).to.equal('running')
    expect(judge(later, half, 1199).rollout.state).to.equal('paused')
    expect(judge(rollout, units, 600).rollout.state).to.equal('paused')
  })

  it('leaves the soak out of the deadline', () => {
    const [rollout, units] = canary({ soak: 600, deadline: 600 }, loaded(NEW, START))
    const soaking = judge(judge(rollout, units, 10).rollout, units, 590).rollout
    expect(soaking).to.include({ state: 'running', waited: 0 })
  })

  it('is inconclusive at the deadline where a bot has the soak begin anew, again and again', () => {
    const [begun, units] = canary({ soak: 300, deadline: 600 }, loaded(NEW, START))
    let rollout = begun
    // Between two looks it shows the old release and the new one again.
    for (let seconds = 0; seconds <= 6000; seconds += 100) {
      const at = START + seconds * 1000
      const again = change(units, begun.steps[0]!.members, loaded(NEW, at))
      if (rollout.state === 'running') rollout = judge(rollout, again, seconds).rollout
    }
    expect(rollout).to.include({ state: 'paused', step: 0 })
    expect(rollout.reason).to.match(
      /^the bots of step 1 did not go on running release 8 for 300 s \(pod-\d began last\): paused$/,
    )
  })

  it('is inconclusive at the deadline, too, where a bot never shows the release twice in a row', () => {
    const [begun, units] = canary({ deadline: 600 }, loaded(NEW, START))
    let rollout = begun
    for (let seconds = 0; seconds <= 6000; seconds += 100) {
      const once = { ...loaded(NEW, START + seconds * 1000), polls: 1 }
      const again = change(units, begun.steps[0]!.members, once)
      if (rollout.state === 'running') rollout = judge(rollout, again, seconds).rollout
    }
    expect(rollout.reason).to.match(
      / did not go on running release 8 for two polls \(pod-\d began last\): paused$/,
    )
  })

  it('has one soak that is broken off cost a tenth of the deadline at most', () => {
    const [begun, units] = canary({ soak: 600, deadline: 600 }, loaded(NEW, START))
    const soaking = judge(judge(begun, units, 0).rollout, units, 590).rollout
    const again = change(units, begun.steps[0]!.members, loaded(NEW, START + 600_000))
    expect(judge(soaking, again, 600).rollout).to.include({ state: 'running', waited: 60_000 })
    expect(judge({ ...soaking, state: 'paused' }, again, 600).rollout.waited).to.equal(0)
  })

  it('leaves the time out of the deadline in which nobody listened, and pauses', () => {
    const units = fleet(4)
    const { rollout } = begin({ ...CANARY, deadline: 600 }, units)
    const context = { units, access: { needsToken: false }, listeningSince: START + 500_000 }
    expect(advanceRollout(rollout, context, START + 600_000).rollout.waited).to.equal(100_000)
    expect(judge({ ...rollout, state: 'paused' }, units, 600).rollout.waited).to.equal(0)
  })

  it('goes on or goes back at the deadline where that is the policy', () => {
    const units = fleet(4)
    const on = begin({ ...CANARY, onInconclusive: 'continue' }, units).rollout
    expect(judge(on, units, 3600).rollout.step).to.equal(1)
    const back = begin({ ...CANARY, onInconclusive: 'revert' }, units).rollout
    expect(judge(back, units, 3600).rollout.state).to.equal('reverting')
  })

  it('excuses failed and lost bots up to what it tolerates, if one runs the release', () => {
    const units = fleet(4)
    const { rollout } = begin({ steps: [3, '100%'], tolerate: 2 }, units)
    const [one, two, three] = rollout.steps[0]!.members as [string, string, string]
    const broken = change(change(units, [one], failed(NEW)), [two], { ...LOADING, lostAt: START })
    expect(judge(rollout, change(broken, [three], loaded(NEW, START)), 60).rollout.step).to.equal(1)
    expect(judge(rollout, change(broken, [three], LOADING), 60).rollout.step).to.equal(0)
  })

  it('leaves out a bot that was lost before it was offered the release, and waits for one lost after it', () => {
    const units = fleet(4)
    const { rollout } = begin({ steps: [2, '100%'] }, units)
    const [one, two] = rollout.steps[0]!.members as [string, string]
    const running = change(units, [one], loaded(NEW, START))
    expect(judge(rollout, change(running, [two], { lostAt: START }), 60).rollout.step).to.equal(1)
    expect(judge(rollout, change(running, [two], { ...LOADING, lostAt: START }), 60).rollout.step).to.equal(0)
  })

  it('asks each of its bots once, and fails where one says no', () => {
    const probes = [{ url: 'http://{bot}/', status: 200 }]
    const [rollout, units] = canary({ probes }, loaded(NEW, START))
    const asked = judge(rollout, units, 60)
    expect(effectsOf(asked, 'probe')).to.have.length(1)
    expect(effectsOf(judge(asked.rollout, units, 61), 'probe')).to.deep.equal([])
    expect(asked.rollout.step).to.equal(0)
    const [bot] = rollout.steps[0]!.members as [string]
    expect(judge({ ...asked.rollout, probes: { [bot]: 'passed' } }, units, 62).rollout.step).to.equal(1)
    const { state, reason } = judge({ ...asked.rollout, probes: { [bot]: 'failed' } }, units, 62).rollout
    expect(state).to.equal('reverting')
    expect(reason).to.equal(
      `1 of 1 bots could not load release 8, or answered a probe wrongly (${bot}: a probe failed), 0 others run it: back to 7`,
    )
    expect(judge({ ...asked.rollout, probes: { [bot]: 'unreachable' } }, units, 62).rollout.step).to.equal(0)
  })
})

describe('going back', () => {
  const reverting = (): Rollout => judge(begin({}, fleet(3)).rollout, fleet(3, failed(NEW)), 60).rollout

  it('ends when no bot that is there runs or loads the release', () => {
    const mixed = [unit('pod-1'), unit('pod-2', loaded(NEW, START))]
    expect(judge(reverting(), mixed, 70).rollout.state).to.equal('reverting')
    expect(judge(reverting(), [unit('pod-1'), unit('pod-2', LOADING)], 70).rollout.state).to.equal(
      'reverting',
    )
    expect(judge(reverting(), fleet(2), 80).rollout.state).to.equal('reverted')
  })

  it('does not end because nobody could be heard', () => {
    const terms = { units: [unit('pod-1', loaded(NEW, START))], access: { needsToken: false } }
    const after = (listeningSince: number) =>
      advanceRollout(reverting(), { ...terms, listeningSince }, START + 9_060_000)
    expect(after(START + 9_000_000).rollout.state).to.equal('reverting')
    expect(after(0).rollout.state).to.equal('reverted')
  })

  it('names bots that are lost with the release', () => {
    const lost = [unit('pod-1'), unit('pod-2', { ...loaded(NEW, START), lostAt: START })]
    expect(judge(reverting(), lost, 70).rollout.reason).to.include('lost with release 8: pod-2')
  })

  it('waits until the deadline for bots that do not count: whoever claims to run the release cannot keep it open', () => {
    const units = [...fleet(2), unit('forged', loaded(NEW, START), { isEvidence: false })]
    expect(judge(reverting(), units, 70).rollout.state).to.equal('reverting')
    const { rollout } = judge(reverting(), units, 60 + 3600)
    expect(rollout.state).to.equal('reverted')
    expect(rollout.reason).to.include('not waited for any more: forged')
  })

  it('moves the tag once', () => {
    const after = judge(reverting(), fleet(3), 80)
    expect(effectsOf(after, 'move-tag')).to.deep.equal([])
  })
})
