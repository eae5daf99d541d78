import type { Digest } from '../releases/release.ts'
import type { Hint } from './hint.ts'

/** A release as an offer names it. */
export interface Target {
  readonly release: number
  readonly digest: Digest
}

/** Where a poll came from, as far as the server can tell. */
export interface Source {
  /** The query parameter `instance`, where it is a valid name. */
  readonly instance: string | null
  /** The name of the token; null without one, and for the two tokens from settings, which are no name. */
  readonly token: string | null
  readonly address: string
}

/** An offer under way: a 200 with an archive, of which nothing is known yet. */
export interface Offer extends Target {
  /** Milliseconds since 1970, as all times here. */
  readonly begunAt: number
  /** When its last byte was handed to the kernel; null: it is being sent. */
  readonly sentAt: number | null
  /** Which of the attempts at this release it is, from 1. */
  readonly attempt: number
  /** Names the connection that carries it now: what an earlier one reports does not matter any more. */
  readonly stream: string
  /** The connection that carried it before, and carries it on where the server could not send a byte on this one. */
  readonly earlierStream?: string
}

/** What went wrong with one release. */
export interface Failure extends Target {
  /** Failed loads, with one for each three restarts in a row. */
  readonly loads: number
  readonly transfers: number
  /** Restarts while loading: weak evidence, counted apart. */
  readonly restarts: number
  /** Restarts since the last other outcome, 0 to 2: the third counts as a failed load. */
  readonly restartsInRow: number
  readonly lastAt: number
  /** One sentence that says what was seen last. */
  readonly reason: string
}

/** Why the last poll was not answered with an offer. */
export type Standing = 'in-sync' | 'waiting' | 'draining' | 'left-alone'

/** Everything that is known of one process: small, plain data that fits a row of the catalog. */
export interface ProcessRecord {
  /** The version-4 UUID that it drew itself. */
  readonly process: string
  /** The tag that it polled last; a poll without a tag belongs to the default tag. */
  readonly tag: string
  readonly source: Source
  readonly firstSeen: number
  readonly lastSeen: number
  /** When its silence was concluded to be a loss; null: it is not lost. */
  readonly lostAt: number | null
  /** What its last poll carried; null: it has loaded nothing. */
  readonly digest: Digest | null
  /** Since when it has been seen with that digest. */
  readonly since: number
  /** Polls that carried that digest, counted up to {@link ENOUGH_POLLS}. */
  readonly polls: number
  /** Seconds from last byte to first poll with the digest it runs; null where nothing was seen of it. */
  readonly loadSeconds: number | null
  /** When it was first seen to load what it was offered; null: never. */
  readonly provenAt: number | null
  readonly offer: Offer | null
  readonly standing: Standing
  /** Since when it waits for its users to go elsewhere; null: it does not. */
  readonly drainingSince: number | null
  /** Whether no offer began since its last poll, so that the gap to the next one tells its interval. */
  readonly steady: boolean
  /** The last gaps between polls in sync, milliseconds, oldest first. */
  readonly gaps: readonly number[]
  readonly failures: readonly Failure[]
  /** The process that took its place while it was loading; null: none did. */
  readonly replacedBy: string | null
  /** The process whose place it took, where that was counted as a restart while loading. */
  readonly replaces: string | null
  /** Archives in a row that were taken whole and asked for again at once. */
  readonly quickRepeats: number
  /** When each hint was last seen. */
  readonly hints: Readonly<Partial<Record<Hint, number>>>
}

/** Polls with a digest after which it counts as running: the second says that it went on. */
export const ENOUGH_POLLS = 2

/** A process that was never heard of before. */
export function newProcess(process: string, tag: string, source: Source, now: number): ProcessRecord {
  return {
    process,
    tag,
    source,
    firstSeen: now,
    lastSeen: now,
    lostAt: null,
    digest: null,
    since: now,
    polls: 0,
    loadSeconds: null,
    provenAt: null,
    offer: null,
    standing: 'in-sync',
    drainingSince: null,
    steady: false,
    gaps: [],
    failures: [],
    replacedBy: null,
    replaces: null,
    quickRepeats: 0,
    hints: {},
  }
}
