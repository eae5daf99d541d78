import { expect } from 'chai'
import type { RolloutSummary } from '../../../protocol/rollout.ts'
import { waitingHelp, resumedInVain } from '../../../client/cli/waiting-help.ts'

/** A paused rollout whose step has come to this. */
function paused(state: RolloutSummary['steps'][number]['state'], failing = 0, updated = 1): RolloutSummary {
  const counts = { bots: 3, updated, loading: 0, failing, waiting: 0, lost: 0 }
  const where = { model: 'shop', tag: 'production', from: 7 }
  const rollout = { ...where, state: 'paused', step: 0, steps: [{ state }], counts }
  return rollout as unknown as RolloutSummary
}

/** The commands that are named, in their order. */
const named = (rollout: RolloutSummary) =>
  waitingHelp(rollout).flatMap((line) => /slipway rollout (\w+) shop@production/.exec(line)?.[1] ?? [])

describe('the help for a rollout that waits', () => {
  it('names resume where somebody paused it', () => {
    expect(named(paused('running'))).to.deep.equal(['resume', 'advance', 'abort'])
  })

  it('names no resume where bots failed, as it does not offer them the release again', () => {
    expect(named(paused('failed', 1))).to.deep.equal(['abort', 'advance', 'retry'])
    expect(named(paused('inconclusive', 1))).to.deep.equal(['retry', 'advance', 'abort'])
  })

  it('names resume, too, where the bots that failed are of another step, as it looks for others', () => {
    const rollout = paused('inconclusive', 1)
    const [step] = rollout.steps
    const waits = { ...rollout, steps: [{ ...step!, failing: 0 }] }
    expect(named(waits)).to.deep.equal(['resume', 'retry', 'advance', 'abort'])
    expect(resumedInVain(waits)).to.deep.equal([])
    expect(resumedInVain({ ...rollout, steps: [{ ...step!, failing: 1 }] })).to.have.length(2)
  })

  it('names the way back first where no bot runs the release', () => {
    expect(named(paused('inconclusive', 1, 0))).to.deep.equal(['abort', 'retry', 'advance'])
  })

  it('is there, too, where the last step waits for its deadline as bots were left alone', () => {
    const rollout: RolloutSummary = { ...paused('inconclusive', 1), state: 'running' }
    expect(named(rollout)).to.deep.equal(['retry', 'advance', 'abort'])
    for (const isWatched of [false, true]) {
      const [head] = waitingHelp(rollout, isWatched)
      expect(head).to.equal('it waits for you, or for the deadline of the step:')
    }
  })

  it('names resume where bots may still load it', () => {
    expect(named(paused('inconclusive'))).to.deep.equal(['resume', 'advance', 'abort'])
  })

  it('says where the bots go back to: of a rollback, to what it was to leave', () => {
    expect(waitingHelp(paused('failed', 1)).join(' ')).to.include('every bot goes back to release 7')
  })

  it('is there for nobody else', () => {
    for (const rollout of [paused('running', 1), paused('inconclusive')])
      expect(waitingHelp({ ...rollout, state: 'running' })).to.deep.equal([])
  })
})

describe('to resume a rollout', () => {
  it('is in vain where bots failed', () => {
    for (const rollout of [paused('failed'), paused('inconclusive', 1)])
      expect(resumedInVain(rollout).join(' ')).to.include('slipway rollout retry shop@production')
  })

  it('is not where they may still load it', () => {
    for (const rollout of [paused('running'), paused('inconclusive')])
      expect(resumedInVain(rollout)).to.deep.equal([])
  })
})
