import { nameSome } from '../../protocol/name-some.ts'
import { otherCounts } from '../../protocol/other-counts.ts'
import type { Rollout, RolloutSummary } from '../../protocol/rollout.ts'
import { soakLeft } from '../../protocol/soak-left.ts'
import { shownText } from '../../protocol/shown-text.ts'
import { readableTime } from '../../protocol/readable-time.ts'
import type { KnownRolloutPreview } from '../api/known-schemas.ts'
import { waitingHelp } from './waiting-help.ts'
import { table } from './table.ts'

/** Rollouts as people read them, each in a row. */
export function describeRollouts(rollouts: readonly RolloutSummary[]): string {
  if (rollouts.length === 0) return 'no rollout yet; each promotion starts one'
  const rows = rollouts.map((rollout) => [
    `${rollout.model}@${rollout.tag}`,
    rollout.from?.toString() ?? '-',
    rollout.to.toString(),
    rollout.state,
    `${rollout.step + 1} of ${rollout.steps.length}`,
    `${rollout.counts.updated} of ${rollout.counts.bots}`,
    readableTime(rollout.startedAt),
    rollout.startedBy,
    (rollout.reason === rollout.startReason ? describeSilence(rollout) : null) ?? rollout.reason ?? '',
  ])
  return table([['MODEL@TAG', 'FROM', 'TO', 'STATE', 'STEP', 'UPDATED', 'STARTED', 'BY', 'REASON'], ...rows])
}

/**
 * One rollout as people read it: how far it is, why, and its steps.
 *
 * @param now Milliseconds since 1970; undefined: nothing is said that changes while nothing happens.
 */
export function describeRollout(rollout: RolloutSummary | Rollout, now?: number): string {
  const soak = describeSoak(rollout, now)
  const { model, tag, from, to, startedAt, startedBy, startReason, endedAt, reason, steps, state } = rollout
  const where = from === null ? `to release ${to}` : `from release ${from} to ${to}`
  // As long as nothing happened, it is what is said of the rollout already.
  const why = startReason === null || startReason === reason ? '' : ` (${startReason})`
  const until = endedAt === null ? '' : `, ended ${readableTime(endedAt)}`
  const rows = steps.map((step, index) => [
    `${index + 1}`,
    step.target.toString(),
    step.bots.toString(),
    endedAt === null ? step.state : stepAtEnd(step.state),
    step.startedAt === null ? '-' : readableTime(step.startedAt),
    step.endedAt === null ? '-' : readableTime(step.endedAt),
    'members' in step ? nameSome(newMembers(steps as Rollout['steps'], index)) : '',
  ])
  return [
    `${model}@${tag}: ${where}, ${state}`,
    ...(reason === null ? [] : [shownText(reason, 2000)]),
    shownText(`started ${readableTime(startedAt)} by ${startedBy}${why}${until}`),
    describeSilence(rollout) ?? describeCounts(rollout),
    ...(soak === undefined ? [] : [soak]),
    ...waitingHelp(rollout, now === undefined),
    '',
    table([['STEP', 'TARGET', 'BOTS', 'STATE', 'STARTED', 'ENDED', 'NEW BOTS'], ...rows]),
  ].join('\n')
}

/** What became of a step when its rollout ended: nothing of it waits, or is under way. */
function stepAtEnd(state: RolloutSummary['steps'][number]['state']): string {
  return state === 'waiting' ? 'not begun' : state === 'running' ? 'stopped' : state
}

/** The bots of a step that the step before does not have. */
function newMembers(steps: Rollout['steps'], index: number): string[] {
  const before = new Set(steps[index - 1]?.members)
  return (steps[index]?.members ?? []).filter((member) => !before.has(member))
}

/**
 * How far the bots are: `3 of 10 bots run release 8 (1 loading, 6 waiting)`; none waits once it has ended. While a release is taken back,
 * what counts is which bots still have it.
 */
export function describeCounts(
  rollout: Pick<RolloutSummary, 'from' | 'to' | 'counts' | 'endedAt' | 'state'>,
): string {
  const { from, to, counts, endedAt, state } = rollout
  const others = otherCounts(rollout)
  const rest = others.length === 0 ? '' : ` (${others.join(', ')})`
  if (state === 'reverting')
    return `back to release ${from ?? '-'}: ${counts.updated} of ${counts.bots} bots still run release ${to}${rest}`
  if (counts.bots === 0 && endedAt !== null)
    return `no bot counted as evidence for release ${to}: none had been seen to load a release before`
  return `${counts.updated} of ${counts.bots} bots run release ${to}${rest}`
}

/**
 * That the step under way is soaking, and how long it still does; undefined where it does not.
 *
 * @param now Milliseconds since 1970; undefined: says when it ends instead.
 */
export function describeSoak(
  rollout: Pick<RolloutSummary, 'step' | 'steps' | 'policy'>,
  now?: number,
): string | undefined {
  const left = soakLeft(rollout, now ?? 0)
  if (left === undefined) return undefined
  if (now === undefined) return `step ${left.step} is soaking until ${readableTime(left.until)}`
  if (left.seconds === 0) return `step ${left.step} has soaked: its bots only need to poll once more`
  return `step ${left.step} is soaking: ${left.seconds} s left`
}

/** Why nothing more is expected of the bots of the step under way until its deadline; undefined where something is. */
function describeWaiting({ state, step, steps, reason }: RolloutSummary): string | undefined {
  const isWaiting = state === 'running' && steps[step]?.state === 'inconclusive'
  return isWaiting && reason !== null ? shownText(reason, 2000) : undefined
}

/** How far a rollout is, in one line. */
export function describeProgress(rollout: RolloutSummary): string {
  const { step, steps, state } = rollout
  const where = steps.length > 1 ? `step ${step + 1} of ${steps.length} ${state}` : state
  const more = describeSoak(rollout) ?? describeWaiting(rollout)
  return `${where}: ${describeSilence(rollout) ?? describeCounts(rollout)}${more === undefined ? '' : `; ${more}`}`
}

/** An immediate rollout of which nothing is heard ends after an hour (docs/rollouts.md, rule 13). */
const QUIET_SECONDS = 3600

/** What is to be said of a rollout that is under way without a bot that counts; undefined of any other. */
function describeSilence({ state, to, counts, startedAt, policy }: RolloutSummary): string | undefined {
  if (state !== 'running' || counts.bots > 0) return undefined
  const end = Date.parse(startedAt) + Math.max(QUIET_SECONDS, policy.deadline) * 1000
  const latest = readableTime(new Date(end).toISOString())
  return `no bot of this tag was seen to load a release before it; ends when those that poll run release ${to}, or at ${latest}`
}

/** What a promotion or a rollback would come to, as people read it. */
export function describePreview(
  preview: KnownRolloutPreview,
  where: string,
  kind: 'promotion' | 'rollback',
): string {
  const { from, to, outcome, steps, lost, notEvidence, doubtful, replaces, policy } = preview
  if (outcome === 'unchanged')
    return `${where}: a ${kind} to release ${to} would change nothing: it is there already, or a rollout leads there (slipway rollout ${where})`
  if (outcome === 'abort')
    return `${where}: a ${kind} to release ${to} would abort rollout ${replaces ?? ''}, or hasten it where it is being aborted: every bot goes back to release ${to}; nothing was changed`
  const rows = steps.map(({ target, bots, first }, index) => [
    `${index + 1}`,
    target.toString(),
    bots.toString(),
    first.length === 0 && bots > 0 ? 'drawn when it begins' : nameSome(first),
  ])
  const over = from === null ? ', the first,' : ` from ${from}`
  return [
    `${where}: a ${kind} to release ${to}${over} would take these steps; nothing was changed`,
    ...(replaces === null ? [] : [`it would replace rollout ${replaces}, which has not ended`]),
    ...(policy.soak === 0
      ? []
      : [`the bots of each step must run it for ${policy.soak} s before the next step`]),
    ...(policy.maxUpdating === null
      ? []
      : [
          `at most ${policy.maxUpdating} of them load at a time${policy.drain === 0 ? '' : `, each ${policy.drain} s after its load balancer can know`}`,
        ]),
    ...(lost.bots === 0 ? [] : [shownText(`lost, so in no step: ${someOf(lost)}`)]),
    ...(notEvidence.bots === 0
      ? []
      : [shownText(`never seen to load a release, so they get it but do not count: ${someOf(notEvidence)}`)]),
    ...(doubtful.bots === 0
      ? []
      : [
          shownText(
            `in doubt, as pulls need no token and others poll from the same address: ${someOf(doubtful)}`,
          ),
          'if one of them fails, the rollout waits for you instead of going back; with a token for pulls each bot counts',
        ]),
    '',
    table([['STEP', 'TARGET', 'BOTS', 'NEW BOTS'], ...rows]),
  ].join('\n')
}

function someOf({ bots, first }: KnownRolloutPreview['lost']): string {
  return nameSome(first, bots)
}
