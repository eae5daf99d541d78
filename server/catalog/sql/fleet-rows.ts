import { sql, type Insertable, type RawBuilder, type Selectable } from 'kysely'
import type { ProcessRecord } from '../../fleet/process-record.ts'
import type { BotName, ProcessName, StoredBot, StoredProcess } from '../fleet.ts'
import type { BotRow, ProcessRow } from './catalog-tables.ts'

/** Whether a row is of one of these bots. */
export function isOneOfBots(bots: readonly BotName[]): RawBuilder<boolean> {
  return sql<boolean>`(model, bot) in (${pairs(bots.map(({ model, bot }) => [model, bot]))})`
}

/** Whether a row is of one of these processes. */
export function isOneOf(processes: readonly ProcessName[]): RawBuilder<boolean> {
  return sql<boolean>`(model, process) in (${pairs(processes.map(({ model, process }) => [model, process]))})`
}

function pairs(values: readonly (readonly [string, string])[]): RawBuilder<unknown> {
  return sql`values ${sql.join(values.map(([one, other]) => sql`(${one}, ${other})`))}`
}

export function rowOfProcess({ model, bot, record }: StoredProcess): Insertable<ProcessRow> {
  const { process, tag, digest, offer, lastSeen } = record
  return {
    model,
    process,
    bot,
    tag,
    digest,
    offered_digest: offer?.digest ?? null,
    last_seen: lastSeen,
    record: JSON.stringify(record),
  }
}

/** A process as it is stored; it may have been heard later than its record says. */
export function storedProcessOf({ model, bot, last_seen, record }: Selectable<ProcessRow>): StoredProcess {
  const { lastSeen, ...rest } = JSON.parse(record) as ProcessRecord
  return { model, bot, record: { ...rest, lastSeen: Math.max(lastSeen, last_seen) } }
}

export function rowOfBot({ model, bot, provenAt, settledAt, lastFreshAt, hints }: StoredBot): BotRow {
  return {
    model,
    bot,
    proven_at: provenAt,
    settled_at: settledAt,
    last_fresh_at: lastFreshAt,
    hints: JSON.stringify(hints),
  }
}

export function storedBotOf({ model, bot, proven_at, settled_at, last_fresh_at, hints }: BotRow): StoredBot {
  return {
    model,
    bot,
    provenAt: proven_at,
    settledAt: settled_at,
    lastFreshAt: last_fresh_at,
    hints: JSON.parse(hints) as StoredBot['hints'],
  }
}
