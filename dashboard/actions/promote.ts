import { at, type Api } from '../api/api.ts'
import { count } from '../text/count.ts'
import { duration } from '../text/duration.ts'
import { nameSome } from '../text/name-some.ts'
import type { Page } from '../../protocol/page.ts'
import { probeWarnings } from '../../protocol/probe-warnings.ts'
import type { Process } from '../../protocol/process.ts'
import type { RolloutPreview } from '../../protocol/rollout-preview.ts'
import type { MovedTag, Tag } from '../../protocol/tag.ts'
import type { Action, Decision } from './action.ts'
import { estimateSeconds, paceOfBots, type Pace } from './estimate.ts'
import { policyWords } from './policy-words.ts'
import { tagCondition } from './tag-condition.ts'
import { whatItEnded } from './what-it-ended.ts'

/** Which release goes to which tag. */
export interface Promotion {
  readonly model: string
  readonly tag: string
  readonly release: number
  /** Fields of a policy for this promotion alone. */
  readonly policy?: Readonly<Record<string, unknown>>
  /** Also where it was taken back from bots before. */
  readonly force?: boolean
}

/** Points a tag at a release, by a rollout. */
export function promote({ model, tag, release, policy, force = false }: Promotion): Action {
  const where = `${model}@${tag}`
  const done = `Release ${release} is on its way to ${where}.`
  return {
    label: force ? 'Promote anyway' : 'Promote',
    title: `Promote release ${release} to ${where}`,
    tone: force ? 'danger' : 'help',
    permission: 'promote',
    says: force ? [`Release ${release} was taken back from bots before: it is like any other again.`] : [],
    foresee: (api) =>
      foresee(api, { model, tag, release, force, ...(policy === undefined ? {} : { policy }) }),
    readCondition: (api) => tagCondition(api, { model, tag }),
    call: {
      method: 'PUT',
      path: at.tag(model, tag),
      body: { release, ...(policy === undefined ? {} : { policy }), ...(force ? { force } : {}) },
    },
    command: [
      'slipway',
      'promote',
      where,
      String(release),
      ...policyWords(policy),
      ...(force ? ['--force'] : []),
    ],
    takesReason: true,
    done,
    sayDone: (answer) => {
      const { aborted, rollout } = answer as MovedTag
      if (rollout?.state === 'paused') return `The rollout of release ${rollout.to} to ${where} stays paused.`
      // To what is stable: nothing is on its way there then.
      return (aborted === undefined ? done : `${where} goes back.`) + whatItEnded(answer)
    },
    insist: {
      code: 'release-quarantined',
      label: 'Promote anyway',
      body: { force: true },
      option: '--force',
    },
  }
}

/** Takes a tag back to the release before. */
export function rollBack({ model, tag }: { model: string; tag: string }): Action {
  const where = `${model}@${tag}`
  return {
    label: 'Roll back',
    title: `Roll ${where} back`,
    tone: 'danger',
    permission: 'promote',
    says: [],
    decide: (api) => decideRollback(api, { model, tag }),
    readCondition: (api) => tagCondition(api, { model, tag }),
    call: { method: 'POST', path: `${at.tag(model, tag)}/rollback`, body: {} },
    command: ['slipway', 'rollback', where],
    takesReason: true,
    done: `${where} goes back.`,
    // To abort a rollout that came from a release which was taken back needs force, as the release is named.
    insist: {
      code: 'release-quarantined',
      label: 'Roll back anyway',
      body: { force: true },
      option: '--force',
    },
    sayDone: (answer) => {
      const { from, release, rollout, aborted } = answer as MovedTag
      const isThere = from === release && rollout === null && aborted === undefined
      if (isThere) return `${where} is at release ${release} already: somebody was faster.`
      return `${where} goes back to release ${release}.${whatItEnded(answer)}`
    },
  }
}

/** Asks where a rollback leads, and who gets that release. Without its name it would go elsewhere where somebody else, or Slipway, goes back meanwhile. */
async function decideRollback(api: Api, { model, tag }: { model: string; tag: string }): Promise<Decision> {
  const tagAt = at.tag(model, tag)
  const [{ release }, preview] = await Promise.all([
    api.get<Tag>(tagAt),
    api.ask<RolloutPreview>(`${tagAt}/preview`, { rollback: true }),
  ])
  const says = rollbackSentences(release, preview, `${model}@${tag}`)
  return { says, body: { release: preview.to }, words: [String(preview.to)] }
}

/** What a rollback would come to, a sentence each. @param current The release that the tag points at. @param where `MODEL@TAG` */
export function rollbackSentences(
  current: number,
  { steps, to, policy, replaces, warnings, outcome }: RolloutPreview,
  where: string,
): string[] {
  const bots = steps.at(-1)?.bots ?? 0
  const pace = paceText(policy.maxUpdating)
  const who =
    outcome === 'abort'
      ? `the bots that took another release get release ${to} again, ${pace}; the others keep what they run`
      : `${count(bots, 'bot')} ${bots === 1 ? 'gets' : 'get'} release ${to}, ${pace}`
  return [
    current === to
      ? `The tag stays at release ${to}: what brings another one out is aborted.`
      : `The tag goes from release ${current} back to release ${to}.`,
    bots === 0 ? 'No bot polls this tag: it moves at once.' : `Without steps and waiting times: ${who}.`,
    ...(bots > 0 && (policy.maxUpdating !== null || policy.drain > 0)
      ? [`In a hurry: slipway rollback ${where} --now has all of them get it at their next polls.`]
      : []),
    ...(replaces === null ? [] : [`It ends rollout ${replaces}.`]),
    ...(warnings ?? []).map(lookFirst),
  ]
}

/** Asks what a promotion would come to, and how fast these bots are. */
async function foresee(
  api: Api,
  { model, tag, release, policy, force = false }: Promotion,
): Promise<string[]> {
  const query = new URLSearchParams({ model, tag, limit: '200' })
  const [preview, processes] = await Promise.all([
    api.ask<RolloutPreview>(`${at.tag(model, tag)}/preview`, {
      release,
      ...(policy === undefined ? {} : { policy }),
    }),
    api.get<Page<Process>>(`api/v1/processes?${query.toString()}`),
  ])
  // Whoever insists from the beginning is told of it by the action itself.
  const warnings = preview.warnings?.filter(({ code }) => !force || code !== 'release-quarantined') ?? []
  return previewSentences({ ...preview, warnings }, paceOfBots(processes.items))
}

/** What a promotion would come to, a sentence each. */
export function previewSentences(preview: RolloutPreview, pace: Pace): string[] {
  const { steps, lost, notEvidence, doubtful, outcome, replaces, policy, from, to, warnings } = preview
  const looks = (warnings ?? []).map(lookFirst)
  if (outcome === 'unchanged')
    return [`Nothing changes: the tag is at release ${to} already, or a rollout brings it there.`, ...looks]
  if (outcome === 'abort') {
    return [
      `It aborts rollout ${replaces ?? ''}: the bots that took its release get release ${to} back.`,
      ...looks,
    ]
  }
  const last = steps.at(-1)
  const bots = last?.bots ?? 0
  const sentences: string[] = []
  if (bots === 0) sentences.push('No bot polls this tag: it moves at once.')
  else {
    const seconds = estimateSeconds(preview, pace)
    const long = seconds === undefined ? '' : `, about ${duration(seconds)}`
    sentences.push(
      `${count(bots, 'bot')} ${bots === 1 ? 'gets' : 'get'} release ${to}, ${paceOfSteps(steps.length, policy.maxUpdating)}${long}.`,
    )
  }
  if (steps.length > 1) {
    const soak = policy.soak === 0 ? '' : `; ${duration(policy.soak)} of running it between the steps`
    sentences.push(`In ${steps.length} steps: ${stepsInWords(steps)}${soak}.`)
    const first = steps[0]
    if (first !== undefined && first.first.length > 0)
      sentences.push(`First: ${nameSome(first.first, first.bots)}.`)
  }
  if (lost.bots > 0) sentences.push(`Lost, and so in no step: ${nameSome(lost.first, lost.bots)}.`)
  if (notEvidence.bots > 0) {
    sentences.push(
      `Never seen to load a release, and so served without being judged: ${nameSome(notEvidence.first, notEvidence.bots)}.`,
    )
  }
  if (doubtful.bots > 0) {
    sentences.push(
      `Pulls need no token, and others poll from the same address: if one of these fails, it waits for you instead of going back: ${nameSome(doubtful.first, doubtful.bots)}.`,
    )
  }
  sentences.push(...looks, ...probeWarnings(policy).map(lookFirst))
  if (replaces !== null) sentences.push(`It takes the place of rollout ${replaces}.`)
  if (bots > 0) {
    sentences.push(
      policy.onFail === 'revert'
        ? `If too many fail, Slipway takes it back${from === null ? '' : ` to release ${from}`} by itself.`
        : 'If too many fail, it pauses and waits for you.',
    )
  }
  return sentences
}

/** What somebody should look at first. */
function lookFirst({ message }: { readonly message: string }): string {
  return `Look first: ${message}.`
}

/** The steps of a promotion with how many bots they have: `1 bot, then 25% (3), then 100% (12)`. */
export function stepsInWords(steps: RolloutPreview['steps']): string {
  return steps
    .map(({ target, bots }) => (typeof target === 'number' ? count(bots, 'bot') : `${target} (${bots})`))
    .join(', then ')
}

/** With steps not all bots get it at their next polls, however many may load at once. */
function paceOfSteps(steps: number, maxUpdating: RolloutPreview['policy']['maxUpdating']): string {
  return steps > 1 && maxUpdating === null ? 'step by step' : paceText(maxUpdating)
}

function paceText(maxUpdating: RolloutPreview['policy']['maxUpdating']): string {
  if (maxUpdating === null) return 'all at their next polls'
  return maxUpdating === 1 ? 'one at a time' : `${maxUpdating} at a time`
}
