import type { Event } from '../../protocol/event.ts'
import { count } from '../text/count.ts'
import { nameSome } from '../text/name-some.ts'

/** Something that happened, or the same that happened to several bots in a row. */
export interface Activity {
  /** The id of its last event. */
  readonly id: number
  /** When the last of it happened. */
  readonly at: string
  /** What is the same for events that are told together; null: told alone. */
  readonly group: string | null
  readonly tone: 'plain' | 'good' | 'bad'
  /** What happened, with `{bots}` for who it happened to. */
  readonly text: string
  /** All of them, also those that are not named, each once: one may try three times. A list, as it reaches the page as JSON. */
  readonly bots: readonly string[]
  readonly model: string | null
  readonly tag: string | null
}

const MOST_ACTIVITIES = 30
const MOST_NAMED = 3

/** Adds events, the oldest first, to what is told, the last first; the same of many bots becomes one line. */
export function addEvents(
  activities: readonly Activity[],
  events: readonly Event[],
  most = MOST_ACTIVITIES,
): Activity[] {
  const told = [...activities]
  for (const row of inRows(events.filter(saysMore).map(activityOf))) {
    const [last] = told
    const [first] = row
    const newest = row.at(-1) ?? first
    const isMore = first.group !== null && first.group === last?.group
    if (isMore) told.shift()
    const bots = new Set(isMore ? last.bots : [])
    for (const activity of row) for (const bot of activity.bots) bots.add(bot)
    told.unshift({ ...newest, bots: [...bots] })
  }
  return told.slice(0, most)
}

/** The same that happened to several bots one after the other, together. */
function inRows(activities: readonly Activity[]): [Activity, ...Activity[]][] {
  const rows: [Activity, ...Activity[]][] = []
  for (const activity of activities) {
    const row = rows.at(-1)
    if (activity.group !== null && row?.[0].group === activity.group) row.push(activity)
    else rows.push([activity])
  }
  return rows
}

/** The sentence of an activity. */
export function activitySentence({ text, bots }: Activity): string {
  if (bots.length === 0) return text
  const who = bots.length > MOST_NAMED ? count(bots.length, 'bot') : nameSome(bots)
  // A name may hold what stands for something in a replacement, as `$&`.
  return text.replace('{bots}', () => who)
}

/** Whether no other event says it: that `latest` moved with what was published, that a rollout of `latest` began for it, or made room for the next. */
function saysMore({ type, tag, data }: Event): boolean {
  if (type === 'tag.moved') return tag !== 'latest' || data['reason'] !== 'published'
  if (type !== 'rollout.changed') return true
  const isBeginning = data['state'] === 'running' && data['step'] === 0 && data['reason'] === 'published'
  return data['state'] !== 'replaced' && !(isBeginning && tag === 'latest')
}

function activityOf(event: Event): Activity {
  const { id, at, model, tag, bot } = event
  const { text, tone, kind } = describe(event)
  return {
    id,
    at,
    model,
    tag,
    text,
    tone,
    group: bot === null ? null : `${kind} ${model ?? ''} ${text}`,
    bots: bot === null ? [] : [bot],
  }
}

function describe({ type, model, tag, data }: Event): { text: string; tone: Activity['tone']; kind: string } {
  const release = field(data, 'release')
  const of = model === null ? '' : ` of ${model}`
  const where = tag === null ? (model ?? '') : `${model ?? ''}@${tag}`
  switch (type) {
    case 'release.published':
      return {
        kind: type,
        tone: 'plain',
        text: `Release ${release}${of} was published by ${field(data, 'publishedBy')}`,
      }
    case 'tag.moved':
      return { kind: type, tone: 'plain', text: moved(where, data) }
    case 'rollout.changed':
      return { kind: type, ...rolloutChanged(where, data) }
    case 'blob.damaged':
      return {
        kind: type,
        tone: 'bad',
        text: `A stored archive is ${field(data, 'kind')}: ${field(data, 'digest').slice(0, 12)}`,
      }
    case 'model.deleted':
      return { kind: type, tone: 'plain', text: `${where} was deleted by ${field(data, 'deletedBy')}` }
    case 'load.failed':
    case 'bot.changed':
      return botChanged(where, data)
  }
}

function moved(where: string, data: Event['data']): string {
  const by = field(data, 'movedBy')
  if (data['to'] === null) return `${where} was deleted by ${by}`
  return `${where} went to release ${field(data, 'to')}, by ${by}`
}

/**
 * As it was then: a line stays where it is while a later rollout goes on. Events of servers before did not say whether a rollout
 * began, or how its last step ended.
 */
function rolloutChanged(where: string, data: Event['data']): { text: string; tone: Activity['tone'] } {
  const state = field(data, 'state')
  const reason = data['reason']
  const why = typeof reason === 'string' && reason !== '' && reason !== 'published' ? `: ${reason}` : ''
  const step = Number(data['step'] ?? 0) + 1
  const rollout = `The rollout of release ${field(data, 'to')} to ${where}`
  switch (state) {
    case 'running':
      return {
        tone: data['stepState'] === 'inconclusive' ? 'bad' : 'plain',
        text: `${rollout} ${isRunning(data, step)}${why}`,
      }
    case 'paused':
      return { tone: 'bad', text: `${rollout} was paused in step ${step}${why}` }
    case 'reverting':
      return { tone: 'bad', text: `${rollout} began to be taken back${why}` }
    case 'reverted':
      return { tone: 'bad', text: `${rollout} was taken back${why}` }
    case 'done':
      // "or was left alone (then `reason` names those)" (docs/rollouts.md): that is no success.
      return data['stepState'] === 'passed' || why === ''
        ? { tone: 'good', text: `${rollout} was completed${why}` }
        : { tone: 'plain', text: `${rollout} ended${why}` }
    default:
      return { tone: 'plain', text: `${rollout} was ${state}${why}` }
  }
}

function isRunning(data: Event['data'], step: number): string {
  if (data['began'] === true) return `began, by ${field(data, 'startedBy')}`
  if (data['stepState'] === 'inconclusive') return `waits in step ${step}`
  return data['began'] === false ? `went on in step ${step}` : `was in step ${step}`
}

function botChanged(
  where: string,
  data: Event['data'],
): { text: string; tone: Activity['tone']; kind: string } {
  const kind = field(data, 'kind')
  const release = data['release'] === undefined ? '' : ` release ${field(data, 'release')}`
  const of = where === '' ? '' : ` (${where})`
  switch (kind) {
    case 'loaded':
      return { kind, tone: 'good', text: `{bots} loaded${release}${of}` }
    case 'runs':
      return { kind, tone: 'plain', text: `{bots} came with a model of its own${of}` }
    case 'load-failed':
      return { kind, tone: 'bad', text: `{bots} could not load${release}${of}` }
    case 'transfer-failed':
      return { kind, tone: 'bad', text: `{bots} did not get${release} whole${of}` }
    case 'restarted-while-loading':
      return { kind, tone: 'bad', text: `{bots} restarted while loading${release}${of}` }
    case 'lost':
      return { kind, tone: 'bad', text: `{bots} went silent${of}` }
    case 'heard-again':
      return { kind, tone: 'good', text: `{bots} polled again${of}` }
    case 'first-seen':
      return { kind, tone: 'plain', text: `{bots} began to poll${of}` }
    default:
      return { kind, tone: 'plain', text: `{bots}: ${kind.replaceAll('-', ' ')}${release}${of}` }
  }
}

function field(data: Event['data'], name: string): string {
  const value = data[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
