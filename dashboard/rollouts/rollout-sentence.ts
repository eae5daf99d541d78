import { otherCounts } from '../../protocol/other-counts.ts'
import type { RolloutSummary } from '../../protocol/rollout.ts'
import { soakLeft } from '../../protocol/soak-left.ts'
import { duration } from '../text/duration.ts'
import { count } from '../text/count.ts'

/**
 * How far the bots of a rollout are: `3 of 10 bots run release 8: 1 loading, 6 waiting`; none waits once it has ended. While its release is taken
 * back, what counts is which bots still have it.
 */
export function countsSentence(
  rollout: Pick<RolloutSummary, 'from' | 'to' | 'counts' | 'endedAt' | 'state'>,
): string {
  const { from, to, counts, endedAt, state } = rollout
  const others = otherCounts(rollout)
  const rest = others.length === 0 ? '' : `: ${others.join(', ')}`
  if (state === 'reverting')
    return `Back to release ${from ?? '-'}: ${counts.updated} of ${count(counts.bots, 'bot')} still run release ${to}${rest}.`
  if (counts.bots === 0) {
    return endedAt === null
      ? `No bot counts as evidence for release ${to} yet.`
      : `No bot counted as evidence for release ${to}: none had been seen to load a release before.`
  }
  return `${counts.updated} of ${count(counts.bots, 'bot')} run release ${to}${rest}.`
}

/** That a step is soaking, and how long it still does; undefined where none does. @param now Milliseconds since 1970. */
export function soakSentence(
  rollout: Pick<RolloutSummary, 'step' | 'steps' | 'policy'>,
  now: number,
): string | undefined {
  const left = soakLeft(rollout, now)
  if (left === undefined) return undefined
  return left.seconds === 0
    ? `Step ${left.step} has soaked: its bots only need to poll once more.`
    : `Step ${left.step} is soaking: ${duration(left.seconds)} left.`
}

/** Where a rollout is: `In step 2 of 3`. */
export function stateSentence({
  from,
  state,
  step,
  steps,
  counts,
}: Pick<RolloutSummary, 'from' | 'state' | 'step' | 'steps' | 'counts'>): string {
  const where = steps.length === 1 ? '' : ` step ${step + 1} of ${steps.length}`
  switch (state) {
    case 'running':
      if (steps.length > 1) return `In${where}`
      return counts.bots === 0
        ? 'Moved; no bot that counts as evidence polls it yet'
        : 'Under way, in one step'
    case 'paused':
      return steps.length === 1 ? 'Paused' : `Paused in${where}`
    case 'reverting':
      return from === null ? 'Being taken back' : `Being taken back to release ${from}`
    case 'done':
      return 'Done'
    case 'reverted':
      return 'Taken back'
    case 'aborted':
      return 'Aborted'
    case 'replaced':
      return 'Replaced by another'
  }
}

/** What was found of a step. Nothing of a rollout that has ended waits, or is under way. */
export function stepWord(
  state: RolloutSummary['steps'][number]['state'],
  endedAt: RolloutSummary['endedAt'],
): string {
  return (endedAt === null ? undefined : WORDS_AT_END[state]) ?? WORDS[state]
}

const WORDS = {
  waiting: 'waiting',
  running: 'under way',
  passed: 'passed',
  failed: 'failed',
  inconclusive: 'not clear',
} as const

const WORDS_AT_END: Partial<Record<string, string>> = { waiting: 'not begun', running: 'stopped' }
