import type { Bot } from '../fleet/bot.ts'
import type { ProcessRecord } from '../fleet/process-record.ts'
import type { Digest } from '../releases/release.ts'
import type { Instant } from '../time/clock.ts'
import type { Revisions } from './answer.ts'
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
  /** Those of these processes that are kept. */
  findProcesses(processes: readonly ProcessName[]): Promise<StoredProcess[]>
  /** When processes were last heard, of those that the look is for; others may be among them. */
  listHeard(look: HeardLook): Promise<HeardProcesses>
  /** The number of the last change of each model's processes and rollouts; cheap enough to be asked each second. */
  listFleetRevisions(): Promise<Revisions>
  /** The number of the last change of a model's processes and rollouts; 0: there was none. */
  findFleetRevision(model: string): Promise<number>
  /** What changed of a model behind that number, but for when processes were heard. */
  listFleetChanges(model: string, after: number): Promise<FleetChanges>
  /** As {@link listFleetChanges} behind 0, of several models with as many questions to the database as of one. */
  listFleets(models: readonly string[]): Promise<Map<string, FleetChanges>>
}

/** Changes of what is known of bots and their processes; they raise no revision. */
export interface FleetWriter {
  /** @param revision The number of this change, where other servers are to read it. */
  saveProcesses(processes: readonly StoredProcess[], revision?: number): Promise<void>
  /**
   * Notes when processes were last heard; those that are not there are left out.
   *
   * @returns the number of this transaction, for {@link HeardLook.except}; undefined where the catalog numbers none.
   */
  noteLastSeen(seen: readonly ProcessSeen[]): Promise<bigint | undefined>
  saveBots(bots: readonly StoredBot[]): Promise<void>
  /** @param change Its number and its moment, where other servers are to read it. */
  forgetProcesses(
    processes: readonly ProcessName[],
    change?: { readonly revision: number; readonly at: number },
  ): Promise<void>
  /** Drops processes that were last heard before that, and bots without any. @param before Milliseconds since 1970. */
  forgetSilentProcesses(before: number): Promise<void>
  /** Gives the next change of a model's processes or rollouts its number. Only inside `Catalog.write` of that model: numbers are in the order of commits then. */
  raiseFleetRevision(model: string): Promise<number>
}

/** What changed of a model's processes. */
export interface FleetChanges {
  /** The number of the last change that is in it. */
  readonly revision: number
  readonly processes: readonly StoredProcess[]
  /** The bots of these processes. */
  readonly bots: readonly StoredBot[]
  /** Processes that are not kept any more, unless they are among the changed ones, too. */
  readonly forgotten: readonly string[]
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

/** Which processes a server wants to know of when they were heard. */
export interface HeardLook {
  /** Not heard before that. Milliseconds since 1970. */
  readonly since: number
  /** The mark of a look before: only those of which anything was written that it may not have seen. Absent: all. */
  readonly after?: HeardMark | undefined
  /** Numbers of transactions which wrote nothing but when processes were heard: what they wrote is left out. */
  readonly except?: readonly bigint[]
}

/** How far a look came. */
export interface HeardMark {
  /** The number of the first transaction that it may not have seen. */
  readonly transaction: bigint
  /** Whose numbers these are: another database, to which servers were failed over, may give the same ones again. */
  readonly database: string
}

/** What a look found. */
export interface HeardProcesses {
  readonly heard: readonly ProcessSeen[]
  /** For the next look; undefined where the catalog numbers no transactions, as one server alone writes it. */
  readonly mark: HeardMark | undefined
}

/** A process with the bot that it belongs to. */
export interface StoredProcess extends BotName {
  readonly record: ProcessRecord
}

/** A bot without its processes. */
export type StoredBot = Omit<Bot, 'processes' | 'crowded'>
