import { expect } from 'chai'
import { advanceRollout } from '../../server/rollouts/advance-rollout.ts'
import type { Unit } from '../../server/rollouts/unit.ts'
import { NEW, OLD, START } from '../fleet/facts.ts'
import { begin, effectsOf, failed, fleet, judge, loaded, LOADING, unit } from './rollout-support.ts'

describe('an immediate rollout', () => {
  it('is done when every bot runs the release', () => {
    const { rollout } = begin({}, fleet(2))
    expect(judge(rollout, fleet(2), 10).rollout.state).to.equal('running')
    expect(judge(rollout, fleet(2, loaded(NEW, START)), 60).rollout).to.include({
      state: 'done',
      reason: null,
    })
  })

  it('takes the release back where two independent bots failed and none runs it', () => {
    const { rollout } = begin({}, fleet(2))
    const after = judge(rollout, fleet(2, failed(NEW)), 60)
    expect(after.rollout.state).to.equal('reverting')
    expect(effectsOf(after, 'move-tag')[0]).to.include({ by: 'slipway' })
    expect(effectsOf(after, 'move-tag')[0]!.to).to.deep.equal(OLD)
  })

  it('concludes nothing for others from one bot, and says so loudly', () => {
    const { rollout } = begin({}, fleet(1))
    const after = judge(rollout, fleet(1, failed(NEW)), 60)
    expect(after.rollout.state).to.equal('done')
    expect(after.rollout.reason).to.include('pod-1: 3 failed loads')
    expect(effectsOf(after, 'alert')).to.have.length(1)
  })

  it('concludes nothing from bots that are not independent', () => {
    const same = fleet(3, failed(NEW)).map((each) => ({
      ...each,
      source: { ...each.source, address: '10.0.0.9' },
    }))
    const { rollout } = begin({}, fleet(3))
    expect(judge(rollout, same, 60).rollout.state).to.equal('done')
    expect(judge(rollout, same, 60, true).rollout.state).to.equal('reverting')
  })

  it('concludes nothing from many names of two machines where as many others run it', () => {
    const liars = Array.from({ length: 40 }, (_, index) => {
      const liar = unit(`liar-${index}`, failed(NEW))
      return { ...liar, source: { ...liar.source, address: index === 0 ? '10.0.9.8' : '10.0.9.9' } }
    })
    const all = [...fleet(4, loaded(NEW, START)), ...liars]
    const { rollout } = begin({}, all)
    expect(judge(rollout, all, 60).rollout.state).to.equal('done')
    expect(judge(rollout, all, 60, true).rollout.state).to.equal('reverting')
  })

  it('concludes nothing while as many run it or are still loading it', () => {
    const { rollout } = begin({}, fleet(4))
    const halves = [...fleet(2, failed(NEW)), unit('pod-3', LOADING), unit('pod-4', LOADING)]
    expect(judge(rollout, halves, 60).rollout.state).to.equal('running')
  })

  it('ends at the deadline where nobody is left that counts, however many others poll', () => {
    const { rollout } = begin({}, fleet(1))
    const others = [2, 3].map((pod) =>
      unit(`pod-${pod}`, { ...LOADING, digest: null }, { isEvidence: false }),
    )
    const lost = unit('pod-1', { ...LOADING, lostAt: START })
    const before = judge(rollout, [lost, ...others], 3599).rollout
    expect(before.state).to.equal('running')
    const after = judge(
      before,
      [lost, ...others].map((each) => heardAt(each, 3600)),
      3600,
    )
    expect(after.rollout).to.include({
      state: 'done',
      reason: 'every bot that counts is lost (pod-1): nothing can be seen of release 8',
    })
    expect(effectsOf(after, 'alert')).to.have.length(1)
  })

  it('ends after an hour in which nothing was heard', () => {
    const { rollout } = begin({}, [])
    expect(judge(rollout, [], 3600).rollout.state).to.equal('running')
    expect(judge(rollout, [], 3601).rollout.state).to.equal('done')
  })

  it('does not end because nobody could be heard', () => {
    const { rollout } = begin({}, [])
    const waiting = { units: [unit('pod-1')], access: { needsToken: false } }
    const after = (listeningSince: number, seconds: number) =>
      advanceRollout(
        rollout,
        { ...waiting, listeningSince: START + listeningSince * 1000 },
        START + seconds * 1000,
      )
    expect(after(9_000, 9_060).rollout.state).to.equal('running')
    expect(after(9_000, 12_601).rollout.state).to.equal('done')
  })
})

/** The same unit, which polled so many seconds after the start. */
function heardAt(each: Unit, seconds: number): Unit {
  const lastSeen = START + seconds * 1000
  return { ...each, processes: each.processes.map((process) => ({ ...process, lastSeen })) }
}

describe('an immediate rollout of which one bot never says an end', () => {
  it('is done at its deadline, and names that bot', () => {
    const units = [unit('pod-1', loaded(NEW, START)), unit('pod-2')]
    const begun = judge(begin({ deadline: 600 }, units).rollout, units, 10).rollout
    expect(judge(begun, units, 500).rollout.state).to.equal('running')
    const { rollout } = judge(begun, units, 700)
    expect(rollout).to.include({ state: 'done' })
    expect(rollout.reason).to.equal(
      '1 of 2 bots did not load release 8: no further one did within 600 s (pod-2)',
    )
  })
})
