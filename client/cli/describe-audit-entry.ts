import type { AuditEntry } from '../../protocol/audit.ts'
import { shownText } from '../../protocol/shown-text.ts'
import { readableTime } from './table.ts'

type State = Readonly<Record<string, unknown>>

/** Digests and facts of archives are long: the export has all of it. */
const LONGEST = 300
/** Fields that hold milliseconds since 1970. */
const MOMENT = /(?:^at|At|Until|Since)$/
/** The last one that a Date can be. */
const LAST_MOMENT = 8.64e15

/** An entry of the audit in a line: when, who, from where, what, and the fields that it changed. */
export function describeAuditEntry(entry: AuditEntry): string {
  const { at, actor, address, action, model, tag } = entry
  const what = model === null ? '' : ` ${model}${tag === null ? '' : `@${tag}`}`
  const from = address === null ? '' : ` (${address})`
  const change = shownText(describeChange(entry), LONGEST)
  return `${readableTime(at)}  ${shownText(actor, 64)}${from}  ${action}${what}  ${change}`.trimEnd()
}

function describeChange({ action, before, after }: AuditEntry): string {
  if (action === 'refused' && after !== null) return describeRefusal(after)
  if (before === null) return after === null ? '' : fieldsOf(after)
  if (after === null) return `was ${fieldsOf(before)}`
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => `${name} ${valueOf(name, before[name])} → ${valueOf(name, after[name])}`)
    .join(', ')
}

function describeRefusal(state: State): string {
  const told = ['method', 'path', 'status', 'code'].map((name) => valueOf(name, state[name]))
  const times = typeof state['count'] === 'number' && state['count'] > 1 ? ` (${state['count']} times)` : ''
  return told.join(' ') + times
}

function fieldsOf(state: State): string {
  return Object.entries(state)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${valueOf(name, value)}`)
    .join(', ')
}

function valueOf(name: string, value: unknown): string {
  if (value === undefined || value === null) return '-'
  if (typeof value === 'number' && MOMENT.test(name) && Math.abs(value) < LAST_MOMENT)
    return readableTime(new Date(value).toISOString())
  // A word stands as it is; what has spaces or commas would run into the next field.
  return typeof value === 'string' && /^[^\s,"]+$/.test(value) ? value : JSON.stringify(value)
}
