import type { AuditEntry } from './audit.ts'
import { readableTime } from './readable-time.ts'

type State = Readonly<Record<string, unknown>>

/** Longer texts, such as notes, are cut: the export has all of them. */
const LONGEST_VALUE = 80
/** As other pages and tables show digests. */
const SHOWN_OF_DIGEST = 12
/** Fields that hold milliseconds since 1970. */
const MOMENT = /(?:^at|At|Until|Since)$/
/** The last one that a Date can be. */
const LAST_MOMENT = 8.64e15

/** What the actor did, with what it did it to behind: `ann: moved the tag shop@production`. */
const ACTIONS: Readonly<Record<string, string>> = {
  'release.published': 'published a release',
  'release.edited': 'changed the notes of a release',
  'release.signed': 'signed a release',
  'release.deleted': 'deleted a release',
  'release.quarantined': 'put a release in quarantine',
  'release.unquarantined': 'took a release out of quarantine',
  'model.changed': 'changed the settings of the model',
  'model.deleted': 'deleted the model',
  'tag.moved': 'moved the tag',
  'tag.deleted': 'deleted the tag',
  'policy.changed': 'changed the rollout policy',
  'rollout.changed': 'changed the rollout',
  'token.created': 'made a token',
  'token.changed': 'changed a token',
  'trust.added': 'trusted a publisher',
  'trust.removed': 'ended the trust in a publisher',
  'webhook.added': 'added a webhook',
  'webhook.changed': 'changed a webhook',
  'webhook.removed': 'removed a webhook',
  'catalog.restored': 'restored the catalog',
  'audit.checkpoint': 'dropped old entries of the audit',
  refused: 'was refused',
}

/** What was done, as people say it; its name, where this version knows no other words for it. */
export function auditActionInWords({ action, before }: Pick<AuditEntry, 'action' | 'before'>): string {
  if (action === 'rollout.changed' && before === null) return 'began a rollout'
  return Object.hasOwn(ACTIONS, action) ? (ACTIONS[action] ?? action) : action
}

/** What an entry of the audit says of the change: the fields that are new, that are gone, or that differ; for a refusal what was asked. */
export function auditChangeInWords({
  action,
  before,
  after,
}: Pick<AuditEntry, 'action' | 'before' | 'after'>): string {
  if (action === 'refused' && after !== null) return refusalInWords(after)
  if (before === null) return after === null ? '' : fieldsInWords(after)
  if (after === null) return `was ${fieldsInWords(before)}`
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null))
    .map((name) => `${name} ${valueBefore(before, name)}${valueInWords(name, after[name])}`)
    .join('; ')
}

/** What names the thing that was changed, such as the number of a rollout, stands in `after` alone: it was not "none" before. */
function valueBefore(before: State, name: string): string {
  return Object.hasOwn(before, name) ? `${valueInWords(name, before[name])} → ` : ''
}

function refusalInWords(state: State): string {
  const told = ['method', 'path', 'status', 'code'].map((name) => valueInWords(name, state[name]))
  const times = typeof state['count'] === 'number' && state['count'] > 1 ? ` (${state['count']} times)` : ''
  return told.join(' ') + times
}

function fieldsInWords(state: State): string {
  return Object.entries(state)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${valueInWords(name, value)}`)
    .join('; ')
}

function valueInWords(name: string, value: unknown): string {
  if (value === undefined || value === null) return 'none'
  if (typeof value === 'number' && MOMENT.test(name) && Math.abs(value) < LAST_MOMENT)
    return readableTime(new Date(value).toISOString())
  if (name === 'digest' && typeof value === 'string') return value.slice(0, SHOWN_OF_DIGEST)
  const isList = Array.isArray(value) && value.every((each) => isWord(each))
  const text = isList ? value.join(', ') || 'none' : isWord(value) ? value : JSON.stringify(value)
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text
}

/** A word stands as it is; what has spaces or semicolons would run into the next field. */
function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[^\s,;"]+$/.test(value)
}
