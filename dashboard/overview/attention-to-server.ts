import type { ServerStatus, Status, StatusWarning } from '../../protocol/status.ts'
import { addressOf } from '../page/address-of.ts'
import { count } from '../text/count.ts'
import { age, duration } from '../text/duration.ts'
import { nameSome } from '../text/name-some.ts'
import { readableSize } from '../../protocol/readable-size.ts'
import type { Attention } from './attention.ts'

/** A backup older than this, in milliseconds, is worth little; unless they are taken less often on purpose. */
const OLD_BACKUP = 7 * 24 * 60 * 60 * 1000

/** Warnings of which another item tells more. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set(['blobs-damaged', 'bots-refused', 'bots-without-tag'])

/** What the server says of itself: its catalog, its storage, its disk, its backups, the servers that share its database. Damage of archives is said with their releases, refused bots with the others. */
export function attentionToServer(status: Status, now: number): Attention[] {
  return [
    ...withOwnKeys(
      status.warnings.filter(({ code }) => !TOLD_ELSEWHERE.has(code)).map((warning) => warn(warning, status)),
    ),
    ...silentServers(status.servers ?? [], now),
    ...backups(status, now),
  ]
}

/** Several webhooks may fail, each with a warning of the same code. */
function withOwnKeys(items: readonly Attention[]): Attention[] {
  const counts = new Map<string, number>()
  return items.map((item) => {
    const before = counts.get(item.key) ?? 0
    counts.set(item.key, before + 1)
    return before === 0 ? item : { ...item, key: `${item.key} ${before + 1}` }
  })
}

function warn({ code, message }: StatusWarning, { freeBytes }: Status): Attention {
  const common = { key: code, detail: null, actions: [], links: [], command: null }
  switch (code) {
    case 'disk-filling':
      return {
        ...common,
        urgency: 'now',
        sentence: freeBytes === null ? message : `${message} ${readableSize(freeBytes)} are free.`,
        links: [{ label: 'Choose a model to prune', href: addressOf.models() }],
        command: 'slipway prune --keep-releases 20 --dry-run',
      }
    case 'bots-untracked':
    case 'events-dropped':
      return {
        ...common,
        urgency: 'soon',
        sentence: message,
        links: [{ label: 'Show the bots', href: addressOf.bots() }],
        command: 'slipway bots',
      }
    case 'catalog-lost':
    case 'uploads-refused':
    case 'changes-refused':
    case 'blobs-damaged':
      return { ...common, urgency: 'now', sentence: message }
    default:
      return { ...common, urgency: 'soon', sentence: message }
  }
}

/** Those of a group that ended without a word. One that was stopped in order is in no list any more. */
function silentServers(servers: readonly ServerStatus[], now: number): Attention[] {
  const silent = servers.filter(({ state }) => state === 'silent')
  if (silent.length === 0) return []
  const running = servers.length - silent.length
  const names = silent.map(
    ({ host, address, lastSeenAt }) =>
      `${host} (${address === '' ? '' : `${address}, `}heard last ${age(lastSeenAt, now)})`,
  )
  return [
    {
      key: 'silent-servers',
      urgency: running < 2 ? 'now' : 'soon',
      sentence: `${silent.length} of ${count(servers.length, 'server')} ${silent.length === 1 ? 'is' : 'are'} silent: ${nameSome(names, silent.length)}.`,
      detail:
        `${running < 2 ? 'One is left, which answers all bots' : 'The others answer the bots'}. Start what is silent again, or replace it; ` +
        'it is named here for a day after it was heard last.',
      actions: [],
      links: [],
      command: 'slipway status',
    },
  ]
}

function backups({ backup, startedAt }: Status, now: number): Attention[] {
  if (backup === null) return []
  const { lastTakenAt, failures, intervalSeconds } = backup
  const silence = now - Date.parse(lastTakenAt ?? startedAt)
  const isOld = silence > Math.max(OLD_BACKUP, 2 * intervalSeconds * 1000)
  if (!isOld && failures === 0) return []
  const last =
    lastTakenAt === null
      ? `none was taken since the server started, ${age(startedAt, now)}`
      : `the last one was taken ${age(lastTakenAt, now)}`
  return [
    {
      key: 'backups',
      urgency: isOld ? 'now' : 'soon',
      sentence:
        failures === 0
          ? `The backup of the catalog is old: ${last}.`
          : `${count(failures, 'backup')} of the catalog failed in a row: ${last}.`,
      detail: `One is due every ${duration(intervalSeconds)}. The server's log says why it failed (backup_failed).`,
      actions: [],
      links: [],
      command: 'slipway backup /path/to/a/folder',
    },
  ]
}
