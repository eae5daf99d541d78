import type { Bot } from '../fleet/bot.ts'
import type { ProcessRecord } from '../fleet/process-record.ts'
import type { Digest } from '../releases/release.ts'
import type { Instant } from '../time/clock.ts'
import type { PageOf } from './page-of.ts'

/** Questions about bots and their processes. */
export interface FleetReader {
  /**
   * The processes of all models by model, bot and name, ascending; those of a bot together, but where a page ends
   * among them.
   */
  listProcesses(page: PageOf<ProcessPosition>): Promise<StoredProcess[]>
  /**
   * When each digest was last seen running, or being offered, anywhere; those seen before `since` may be missing.
   */
  listLastSeen(since: Instant): Promise<Map<Digest, Instant>>
  /** What is kept of these bots besides their processes. */
  findBots(bots: readonly BotName[]): Promise<StoredBot[]>
}

/** Changes of what is known of bots and their processes; they raise no revision. */
export interface FleetWriter {
  saveProcesses(processes: readonly StoredProcess[]): Promise<void>
  /** Notes when processes were last heard; those that are not there are left out. */
  noteLastSeen(seen: readonly ProcessSeen[]): Promise<void>
  saveBots(bots: readonly StoredBot[]): Promise<void>
  forgetProcesses(processes: readonly ProcessName[]): Promise<void>
  /** Drops processes that were last heard before that, and bots without any. @param before Milliseconds since 1970. */
  forgetSilentProcesses(before: number): Promise<void>
}

/** Names a bot. */
export interface BotName {
  readonly model: string
  readonly bot: string
}

/** Names a process. */
export interface ProcessName {
  readonly model: string
  readonly process: string
}

/** Where a page of processes ends. */
export interface ProcessPosition extends BotName {
  readonly process: string
}

/** When a process was last heard, in milliseconds since 1970. */
export interface ProcessSeen extends ProcessName {
  readonly lastSeen: number
}

/** A process with the bot that it belongs to. */
export interface StoredProcess extends BotName {
  readonly record: ProcessRecord
}

/** A bot without its processes. */
export type StoredBot = Omit<Bot, 'processes' | 'crowded'>
