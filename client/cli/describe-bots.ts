import type { BotDetails } from '../../protocol/bot-details.ts'
import type { Bot } from '../../protocol/bot.ts'
import type { Event } from '../../protocol/event.ts'
import { shownText } from '../../protocol/shown-text.ts'
import { readableAge, readableSeconds } from './readable-age.ts'
import { readableTime } from '../../protocol/readable-time.ts'
import { table } from './table.ts'

/** The states, the worst first: what needs somebody stands on top. */
const ORDER: readonly Bot['state'][] = [
  ...(['failing', 'lost', 'loading', 'draining', 'waiting', 'starting', 'running'] as const),
]

/**
 * A list of bots as people read it: how many in which state, then each, the worst first.
 * @param now milliseconds
 * @param isNarrowed whether options chose among the bots, so that an empty list does not mean that there are none
 */
export function describeBots(bots: readonly Bot[], now: number, isNarrowed = false): string {
  if (bots.length === 0) {
    return isNarrowed
      ? 'no bot matches; slipway bots shows all'
      : 'no bot has polled yet; bots appear here with their first poll'
  }
  const counts = ORDER.flatMap((state) => {
    const count = bots.filter((bot) => bot.state === state).length
    return count === 0 ? [] : [`${count} ${state}`]
  })
  const rows = worstFirst(bots).map((bot) => [
    bot.bot,
    `${bot.model}@${bot.tag}`,
    bot.state,
    bot.release?.toString() ?? (bot.digest === null ? '-' : 'unknown'),
    bot.digest === null ? '-' : readableAge(bot.since, now),
    `${readableAge(bot.lastSeen, now)} ago`,
    [noteOf(bot, now), bot.processes > 1 ? `${bot.processes} processes` : '']
      .filter((text) => text !== '')
      .join('; '),
  ])
  const summary = `${bots.length} ${bots.length === 1 ? 'bot' : 'bots'}: ${counts.join(', ')}`
  return `${summary}\n\n${table([['BOT', 'MODEL@TAG', 'STATE', 'RUNS', 'RUNS IT FOR', 'LAST HEARD', 'NOTE'], ...rows])}`
}

/** Bots in the order in which people look at them. */
export function worstFirst<Item extends Pick<Bot, 'state'>>(bots: readonly Item[]): Item[] {
  return bots.toSorted((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state))
}

/** What is to be said of a bot besides its state, the most important first. */
export function noteOf(bot: Omit<Bot, 'processes'>, now: number): string {
  return [failuresOf(bot), offerOf(bot, now), hintsOf(bot)].filter((text) => text !== '').join('; ')
}

function failuresOf({ failures }: Pick<Bot, 'failures'>): string {
  if (failures === null) return ''
  const counts = [
    [failures.loads, 'failed load'],
    [failures.transfers, 'failed transfer'],
    [failures.restarts, 'restart while loading'],
  ] as const
  const said = counts
    .filter(([count]) => count > 0)
    .map(([count, one]) => `${count} ${count === 1 ? one : one.replace(/^(\S+ \S+|restart)/, '$1s')}`)
  return `release ${failures.release}: ${said.join(', ')}`
}

function offerOf({ offered }: Pick<Bot, 'offered'>, now: number): string {
  if (offered === null) return ''
  const { release, at, sentAt, attempt } = offered
  const again = attempt > 1 ? `, attempt ${attempt}` : ''
  return sentAt === null
    ? `fetching release ${release} for ${readableAge(at, now)}${again}`
    : `loading release ${release} for ${readableAge(sentAt, now)}${again}`
}

function hintsOf({ hints }: Pick<Bot, 'hints'>): string {
  return hints.length === 0 ? '' : `hints: ${hints.join(', ')}`
}

/** One bot as people read it: what it does, its processes, and what happened to it, the last first. */
export function describeBot(bot: BotDetails, now: number): string {
  const release = bot.release ?? (bot.digest === null ? 'nothing' : 'an unknown release')
  const lines = [
    shownText(`${bot.bot}: ${bot.state}, runs ${release} of ${bot.model}@${bot.tag}`),
    `since ${readableTime(bot.since)}, last heard ${readableAge(bot.lastSeen, now)} ago, polls every ${
      bot.interval === null ? '? s' : readableSeconds(bot.interval)
    }`,
  ]
  const note = noteOf(bot, now)
  if (note !== '') lines.push(shownText(note))
  if (bot.failures !== null) lines.push(shownText(`last failure: ${bot.failures.reason}`))
  const processes = bot.processes.map((process) => [
    process.process,
    process.state,
    process.release?.toString() ?? '-',
    process.loadSeconds === null ? '-' : readableSeconds(process.loadSeconds),
    `${readableAge(process.lastSeen, now)} ago`,
    noteOf(process, now),
  ])
  const heading = ['PROCESS', 'STATE', 'RELEASE', 'LOADED IN', 'LAST HEARD', 'NOTE']
  const events = bot.timeline.map((event) => [readableTime(event.at), describeEvent(event)])
  return [
    ...lines,
    '',
    table([heading, ...processes]),
    ...(events.length === 0 ? [] : ['', table([['WHEN', 'WHAT HAPPENED'], ...events])]),
  ].join('\n')
}

/** An event in one line. */
export function describeEvent({ type, data }: Pick<Event, 'type' | 'data'>): string {
  const kind = typeof data['kind'] === 'string' ? kindInWords(data['kind']) : type
  const release = typeof data['release'] === 'number' ? ` release ${data['release']}` : ''
  const reason = typeof data['reason'] === 'string' ? `: ${data['reason']}` : ''
  return `${kind}${release}${reason}`
}

/** It is a process that is first seen: its bot, which was restarted or has several workers, may have polled for long. */
function kindInWords(kind: string): string {
  return kind === 'first-seen' ? 'began to poll' : kind.replaceAll('-', ' ')
}
