import type { Bot } from './bot.ts'
import type { ProcessRecord } from './process-record.ts'

/** More processes under one name than are looked at together: each is taken by itself then. */
export const CROWD = 64

/** All that is kept of a bot besides its processes. */
export type BotFields = Omit<Bot, 'processes' | 'crowded'>

/** A bot as memory holds it. */
export interface BotEntry {
  /** Of model and bot. */
  readonly key: string
  fields: BotFields
  /** By name. */
  readonly processes: Map<string, ProcessEntry>
}

/** A process as memory holds it. */
export interface ProcessEntry {
  /** Of model and process. */
  readonly key: string
  record: ProcessRecord
  bot: BotEntry
  /** When the server last asked where a poll of the process came from, milliseconds since 1970; -Infinity: not since it started. */
  addressAt: number
}

/** A process with the bot that it belongs to. */
export interface KnownProcess {
  readonly model: string
  readonly bot: string
  readonly record: ProcessRecord
}

/** The bot as rules see it. @param process Which of its processes is in question; undefined: all of them. */
export function botOfEntry({ fields, processes: entries }: BotEntry, process: string | undefined): Bot {
  const crowded = entries.size > CROWD
  if (crowded && process !== undefined) {
    const entry = entries.get(process)
    return { ...fields, processes: entry === undefined ? [] : [entry.record], crowded }
  }
  const processes: ProcessRecord[] = []
  for (const { record } of entries.values()) processes.push(record)
  const { model, bot, provenAt, settledAt, lastFreshAt, hints } = fields
  return { model, bot, provenAt, settledAt, lastFreshAt, hints, processes, crowded }
}
