import type { Hint } from './hint.ts'
import type { ProcessRecord } from './process-record.ts'

/**
 * What a person calls a bot: the processes that share a name within a model. One for each worker, and those that
 * were there before a restart until they are forgotten.
 */
export interface Bot {
  readonly model: string
  readonly bot: string
  readonly processes: readonly ProcessRecord[]
  /** When one of its processes was first seen to load what it was offered; null: never. Milliseconds since 1970. */
  readonly provenAt: number | null
  /** When one of its processes had first been seen running a release for ten minutes; null: never. */
  readonly settledAt: number | null
  /** When its last new process was heard of. */
  readonly lastFreshAt: number | null
  /**
   * Whether it has more processes than can be looked at together; `processes` holds only the one in question then.
   * Thousands of bots without a name behind one address translation are such a bot.
   */
  readonly crowded: boolean
  /** When hints were last seen that no process of its own gave. */
  readonly hints: Readonly<Partial<Record<Hint, number>>>
}

/** A bot that was never heard of before. */
export function newBot(model: string, bot: string): Bot {
  return {
    model,
    bot,
    processes: [],
    crowded: false,
    hints: {},
    provenAt: null,
    settledAt: null,
    lastFreshAt: null,
  }
}

/** The processes of a bot that are there: neither lost nor replaced. */
export function liveProcesses(processes: readonly ProcessRecord[]): readonly ProcessRecord[] {
  // Most often all are, and of 100,000 names behind one address each copy takes its time.
  return processes.every(isLive) ? processes : processes.filter(isLive)
}

/** Whether a process is there: neither lost nor replaced. */
export function isLive({ lostAt, replacedBy }: Pick<ProcessRecord, 'lostAt' | 'replacedBy'>): boolean {
  return lostAt === null && replacedBy === null
}
