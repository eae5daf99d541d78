import type { Bot } from '../../../protocol/bot.ts'
import type { RolloutSummary } from '../../../protocol/rollout.ts'
import type { KnownTag } from '../../api/known-schemas.ts'
import { noteOf, worstFirst } from '../describe-bots.ts'
import { readableAge } from '../readable-age.ts'
import type { ScreenStyle } from '../screen.ts'
import { botDots, countStates, describeStates } from './bot-dots.ts'
import type { Span } from './paint.ts'
import { rolloutPicture } from './rollout-picture.ts'

/** What is drawn: the tags that somebody may poll, the bots, and the rollouts under way. */
export interface Fleet {
  tags: readonly KnownTag[]
  bots: readonly Bot[]
  rollouts: readonly RolloutSummary[]
}

/** So many bots are named as needing somebody. */
const MOST_NAMED = 5

/**
 * What the first page of the dashboard shows, in this order: what needs a hand; the rollouts under way; one row a tag with
 * its bots.
 *
 * @param now Milliseconds since 1970.
 */
export function fleetPicture(fleet: Fleet, now: number, style: ScreenStyle): Span[][] {
  const { tags, bots, rollouts } = fleet
  const needs = needsOf(fleet, now)
  const underWay = rollouts.flatMap((rollout) => [...rolloutPicture(rollout, style, now), []])
  const rows = tags.flatMap((tag) =>
    tagPicture(
      tag,
      bots.filter((bot) => bot.model === tag.model && bot.tag === tag.tag),
      now,
      style,
    ),
  )
  return [
    ...(needs.length === 0 ? [] : [...section('NEEDS A HAND', needs), []]),
    ...(underWay.length === 0 ? [] : section('UNDER WAY', underWay)),
    ...section(
      'TAGS',
      rows.length === 0 ? [[{ text: '  no tag yet; slipway push ARCHIVE publishes' }]] : rows,
    ),
  ]
}

function section(title: string, lines: readonly Span[][]): Span[][] {
  return [[{ text: title, color: 'grey' }], ...lines]
}

function needsOf({ bots, rollouts }: Fleet, now: number): Span[][] {
  const ill = worstFirst(bots.filter(({ state }) => state === 'failing' || state === 'lost'))
  const named = ill
    .slice(0, MOST_NAMED)
    .map((bot): Span[] => [
      { text: `  ${bot.state} `, color: bot.state === 'failing' ? 'red' : 'yellow' },
      { text: `${bot.bot} (${bot.model}@${bot.tag}), heard ${readableAge(bot.lastSeen, now)} ago: ` },
      { text: bot.failures?.reason ?? (noteOf(bot, now) || 'does not poll any more') },
    ])
  const more = ill.length - named.length
  const paused = rollouts.filter(({ state }) => state === 'paused')
  return [
    ...paused.map(({ model, tag, reason }): Span[] => [
      { text: '  paused ', color: 'yellow' },
      { text: `rollout of ${model}@${tag}: ${reason ?? 'by a person'}` },
    ]),
    ...named,
    ...(more > 0 ? [[{ text: `  and ${more} more: slipway bots --state failing` }]] : []),
  ]
}

function tagPicture(tag: KnownTag, bots: readonly Bot[], now: number, style: ScreenStyle): Span[][] {
  const { model, release, movedBy, movedAt } = tag
  const running = bots.filter((bot) => bot.release === release).length
  const words = bots.length === 0 ? 'no bot polls it' : `${running} of ${bots.length} run it`
  const counts = countStates(bots)
  const others = describeStates({ ...counts, running: 0 })
  // A bot may run the release of the tag and fail another one.
  const isTwice = bots.some((bot) => bot.release === release && bot.state !== 'running')
  return [
    [
      { text: `  ${model}@${tag.tag}`, color: 'bold' },
      {
        text: ` ${style.hasUnicode ? '→' : '->'} ${release}, by ${movedBy}, ${readableAge(movedAt, now)} ago; ${words}`,
      },
      { text: others === '' ? '' : `${isTwice ? '; of all' : ','} ${others}` },
    ],
    ...(bots.length === 0 ? [] : [[{ text: '  ' }, ...botDots(counts, style.columns - 4, style)]]),
  ]
}
