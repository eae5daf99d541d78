import { expect } from 'chai'
import {
  describeCounts,
  describeProgress,
  describeRollout,
  describeRollouts,
  describeSoak,
} from '../../../client/cli/describe-rollout.ts'
import { describeSilentProcess } from '../../../client/cli/silent-process.ts'
import type { BotDetails } from '../../../protocol/bot-details.ts'
import { IMMEDIATE } from '../../../protocol/rollout-policy.ts'
import type { RolloutSummary } from '../../../protocol/rollout.ts'

const NOW = Date.parse('2026-11-26T10:00:00Z')

function aBot(processes: { release: number; state: string; heard: number }[]): BotDetails {
  const all = processes.map(({ heard, ...each }) => ({
    ...each,
    interval: 10,
    lastSeen: new Date(NOW - heard * 1000).toISOString(),
  }))
  return { bot: 'pod-3', processes: all } as unknown as BotDetails
}

describe('what is said while a rollout waits', () => {
  it('names a bot that runs the release while an older process of it is silent', () => {
    const current = { release: 8, state: 'running', heard: 3 }
    const said = (release: number, state: string, heard: number) =>
      describeSilentProcess([aBot([current, { release, state, heard }])], 8, NOW)
    expect(said(7, 'running', 180)).to.match(
      /^pod-3 runs release 8, but an older process of it was last heard 3 min ago/,
    )
    expect(said(7, 'running', 20)).to.equal(undefined)
    expect(said(7, 'lost', 600)).to.equal(undefined)
    expect(said(8, 'running', 180)).to.equal(undefined)
  })

  it('says when a rollout ends for which no bot counts', () => {
    const counts = { bots: 0, updated: 0, loading: 0, failing: 0, waiting: 0, lost: 0 }
    const rollout = {
      model: 'shop',
      tag: 'production',
      from: 7,
      to: 8,
      state: 'running',
      step: 0,
      steps: [{}],
      counts,
      policy: IMMEDIATE,
      reason: null,
      startedBy: 'ci',
      startReason: null,
      startedAt: '2026-11-26T09:30:00.000Z',
    } as unknown as RolloutSummary
    const ends = 'ends when those that poll run release 8, or at 2026-11-26 10:30:00Z'
    expect(describeRollouts([rollout])).to.include(ends)
    const published = { reason: 'published', startReason: 'published' }
    expect(describeRollouts([{ ...rollout, ...published }])).to.include(ends)
    expect(describeRollouts([{ ...rollout, counts: { ...counts, bots: 1 } }])).not.to.include(ends)
  })

  it('says why a step waits for which nothing is proven', () => {
    const counts = { bots: 3, updated: 0, loading: 0, failing: 1, waiting: 2, lost: 0 }
    const steps = [{ state: 'inconclusive' }, { state: 'waiting' }]
    const rollout = {
      state: 'running',
      step: 0,
      steps,
      counts,
      to: 8,
      endedAt: null,
      policy: IMMEDIATE,
      reason: 'nothing is proven',
    } as unknown as RolloutSummary
    expect(describeProgress(rollout)).to.match(/^step 1 of 2 running: 0 of 3 bots .*; nothing is proven$/)
  })

  it('says which bots still have a release that is taken back', () => {
    const counts = { bots: 4, updated: 1, loading: 1, failing: 1, waiting: 1, lost: 0 }
    const rollout = { from: 7, to: 8, state: 'reverting', counts, endedAt: null } as unknown as RolloutSummary
    expect(describeCounts(rollout)).to.equal(
      'back to release 7: 1 of 4 bots still run release 8 (1 loading it)',
    )
  })

  it('is over where a rollout has ended: no bot waits, and no step will begin', () => {
    const counts = { bots: 3, updated: 0, loading: 0, failing: 1, waiting: 2, lost: 0 }
    const at = '2026-11-26T09:30:00.000Z'
    const step = { bots: 3, startedAt: null, endedAt: null }
    const rollout = {
      model: 'shop',
      tag: 'production',
      from: 7,
      to: 8,
      state: 'reverted',
      step: 0,
      counts,
      steps: [
        { ...step, target: 1, state: 'running' },
        { ...step, target: '100%', state: 'waiting' },
      ],
      policy: IMMEDIATE,
      reason: null,
      startedBy: 'ci',
      startReason: null,
      startedAt: at,
      endedAt: at,
    } as unknown as RolloutSummary
    expect(describeRollout(rollout)).to.match(/\n0 of 3 bots run release 8 \(1 failing\)\n/)
    expect(describeRollout(rollout)).to.match(/1 +1 +3 +stopped[^]*100% +3 +not begun/)
    expect(describeRollout({ ...rollout, state: 'running', endedAt: null })).to.match(/2 waiting\)/)
    expect(describeRollout({ ...rollout, state: 'paused', endedAt: null }, NOW)).to.match(
      /it waits for you:\n {2}slipway rollout resume shop@production +continue where it was paused\n/,
    )
    expect(describeRollout({ ...rollout, state: 'paused', endedAt: null })).to.include(
      '\nit is paused, and waits for you (Ctrl-C ends the watching):\n',
    )
    const failed = rollout.steps.map((each) => ({ ...each, state: 'failed' as const }))
    const judged = describeRollout({ ...rollout, state: 'paused', endedAt: null, steps: failed })
    expect(judged.match(/(?<=slipway rollout )[a-z]+/g)).to.deep.equal(['abort', 'advance', 'retry'])
    const none = { ...counts, bots: 0, failing: 0, waiting: 0 }
    expect(describeCounts({ ...rollout, to: 1, counts: none })).to.match(
      /^no bot counted as evidence for release 1/,
    )
  })
})

describe('how long a step still soaks', () => {
  const at = Date.parse('2026-11-26T09:30:00.000Z')
  const steps = [{ soakedUntil: new Date(at).toISOString() }] as RolloutSummary['steps']
  const said = (now?: number, until = steps) =>
    describeSoak({ step: 0, steps: until, policy: { ...IMMEDIATE, soak: 30 } }, now)

  it('is told in seconds, and never more than a whole soak by a clock that is wrong', () => {
    expect(said(at - 24_200)).to.equal('step 1 is soaking: 25 s left')
    expect(said(at - 3_600_000)).to.equal('step 1 is soaking: 30 s left')
    expect(said(at + 1)).to.equal('step 1 has soaked: its bots only need to poll once more')
  })

  it('is told as a moment in text that is printed again when it differs', () => {
    expect(said()).to.equal('step 1 is soaking until 2026-11-26 09:30:00Z')
  })

  it('is not told of a step that does not soak, nor by a server that does not know', () => {
    expect(said(at, [{ soakedUntil: null }] as RolloutSummary['steps'])).to.equal(undefined)
    expect(said(at, [{}] as RolloutSummary['steps'])).to.equal(undefined)
  })
})
