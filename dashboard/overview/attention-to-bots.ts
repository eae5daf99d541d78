import type { Bot } from '../../protocol/bot.ts'
import type { Overview, TagOverview } from '../../protocol/overview.ts'
import { rollBack } from '../actions/promote.ts'
import { abort, pause } from '../actions/steer-rollout.ts'
import type { Action } from '../actions/action.ts'
import { failuresInWords } from '../bots/failures-in-words.ts'
import { addressOf } from '../page/address-of.ts'
import { count } from '../text/count.ts'
import { age, duration } from '../text/duration.ts'
import { nameSome } from '../text/name-some.ts'
import type { Attention } from './attention.ts'
import { isWaiting } from './attention-to-rollouts.ts'

/** A bot that has been silent for longer was most likely taken down on purpose: it needs nobody any more. */
const LOST_MATTERS = 24 * 60 * 60 * 1000

/** What polls of a tag that does not exist are answered. */
const WITHOUT_TAG = 'no-release-tagged'

/** Bots that are refused, then bots whose tag does not exist, then bots that fail, then bots that went silent; tags where most of them do first. */
export function attentionToBots({ tags, refused }: Overview, now: number): Attention[] {
  return [
    ...refusedBots(
      refused.filter(({ code }) => code !== WITHOUT_TAG),
      now,
    ),
    ...botsWithoutTag(
      refused.filter(({ code }) => code === WITHOUT_TAG),
      now,
    ),
    ...tags
      .filter((tag) => (tag.bots.states.failing ?? 0) > 0 && !isToldByRollout(tag))
      .toSorted((one, other) => (other.bots.states.failing ?? 0) - (one.bots.states.failing ?? 0))
      .map(failing),
    ...tags.flatMap((tag) => lost(tag, now)),
  ]
}

/** All of them together: one token that ended, or the first that was made, shuts them out at the same time. */
function refusedBots(refused: Overview['refused'], now: number): Attention[] {
  const first = firstOf(refused)
  if (first === undefined) return []
  const names = refused.map(({ bot, model }) => `${bot} of ${model}`)
  return [
    {
      key: 'refused',
      urgency: 'now',
      sentence: `${count(refused.length, 'bot')} that polled before ${refused.length === 1 ? 'is' : 'are'} refused, for ${duration((now - Date.parse(first.firstAt)) / 1000)} now (${first.code}): ${nameSome(names, refused.length)}.`,
      detail:
        'They go on with what they run, and get no model when they start. A token ended, was revoked or does not allow these models; ' +
        'or pulls were open to all until the first token that allows pull was made.',
      actions: [],
      links: [{ label: 'Look at the tokens', href: addressOf.tokens() }],
      command: 'slipway token list',
    },
  ]
}

/** Somebody deleted their tag. */
function botsWithoutTag(bots: Overview['refused'], now: number): Attention[] {
  const first = firstOf(bots)
  if (first === undefined) return []
  const { model, tag, firstAt } = first
  const names = bots.map((each) => `${each.bot} of ${each.model}@${each.tag}`)
  return [
    {
      key: 'without-tag',
      urgency: 'now',
      sentence: `${count(bots.length, 'bot')} that polled before ${bots.length === 1 ? 'polls' : 'poll'} a tag that does not exist, for ${duration((now - Date.parse(firstAt)) / 1000)} now (404): ${nameSome(names, bots.length)}.`,
      detail:
        'They go on with what they run, and get no model when they start. Make the tag again by promoting a release to it, or have them poll another one.',
      actions: [],
      links: [{ label: `Model ${model}`, href: addressOf.model(model) }],
      command: `slipway promote ${model}@${tag} RELEASE`,
    },
  ]
}

function firstOf(refused: Overview['refused']): Overview['refused'][number] | undefined {
  return refused.toSorted((one, other) => one.firstAt.localeCompare(other.firstAt))[0]
}

/** A rollout that stands still because its bots failed says so itself: one matter is one item. */
function isToldByRollout({ bots, rollout }: TagOverview): boolean {
  return rollout !== null && isWaiting(rollout) && rollout.counts.failing >= (bots.states.failing ?? 0)
}

function failing(tag: TagOverview): Attention {
  const bots = tag.bots.states.failing ?? 0
  const release = mostFrequent(tag.failing.map(({ failures }) => failures?.release))
  const named = nameSome(tag.failing.map(sayFailure), bots)
  const running = tag.failing.filter(({ release }) => release !== null).length
  return {
    key: `failing ${tag.model}@${tag.tag}`,
    urgency: 'now',
    sentence: `${bots} of ${count(tag.bots.all, 'bot')} of ${tag.model}@${tag.tag} could not load ${release === undefined ? 'a release' : `release ${release}`}: ${named}.`,
    detail: [running > 0 ? 'They go on with what they ran before.' : '', lastReason(tag)]
      .filter((text) => text !== '')
      .join(' '),
    actions: actionsFor(tag, release),
    links: [
      {
        label: 'Show these bots',
        href: addressOf.bots({ model: tag.model, tag: tag.tag, state: 'failing' }),
      },
      ...(release === undefined
        ? []
        : [{ label: `Release ${release}`, href: addressOf.release(tag.model, release) }]),
    ],
    command: null,
  }
}

function lastReason({ failing: [first] }: TagOverview): string {
  const reason = first?.failures?.reason
  return reason === undefined ? '' : `Seen last: ${reason}.`
}

function actionsFor(tag: TagOverview, release: number | undefined): Action[] {
  const { rollout } = tag
  if (rollout?.state === 'running') return [abort(rollout), pause(rollout)]
  if (rollout !== null) return []
  return release === tag.release && tag.rollbackTo !== null ? [rollBack(tag)] : []
}

function lost(tag: TagOverview, now: number): Attention[] {
  const recent = tag.lost.filter(({ lastSeen }) => now - Date.parse(lastSeen) < LOST_MATTERS)
  const [last] = recent
  if (last === undefined) return []
  // Only some are named: where all of these are recent, so may be the others.
  const bots = recent.length === tag.lost.length ? (tag.bots.states.lost ?? recent.length) : recent.length
  const all = bots >= tag.bots.all
  return [
    {
      key: `lost ${tag.model}@${tag.tag}`,
      urgency: all ? 'now' : 'soon',
      sentence: all
        ? `No bot of ${tag.model}@${tag.tag} polls any more: ${nameSome(names(recent), bots)}, the last one ${age(last.lastSeen, now)}.`
        : `${count(bots, 'bot')} of ${tag.model}@${tag.tag} ${bots === 1 ? 'is' : 'are'} silent: ${nameSome(names(recent), bots)}, heard last ${age(last.lastSeen, now)}.`,
      detail:
        'Look whether it still runs and reaches this server. If it was taken down on purpose, nothing needs doing.',
      actions: [],
      links: [
        { label: 'Show these bots', href: addressOf.bots({ model: tag.model, tag: tag.tag, state: 'lost' }) },
      ],
      command: null,
    },
  ]
}

function names(bots: readonly Bot[]): string[] {
  return bots.map(({ bot }) => bot)
}

function sayFailure({ bot, failures }: Bot): string {
  const words = failures === null ? '' : failuresInWords(failures)
  return words === '' ? bot : `${bot} (${words})`
}

function mostFrequent(releases: readonly (number | undefined)[]): number | undefined {
  const counts = new Map<number, number>()
  for (const release of releases) {
    if (release !== undefined) counts.set(release, (counts.get(release) ?? 0) + 1)
  }
  return [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0]
}
