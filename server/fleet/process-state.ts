import type { ProcessRecord } from './process-record.ts'

/** The states of processes and bots, the worst first: a bot is in the worst state of its processes. */
export const BOT_STATES = [
  'failing',
  'lost',
  'loading',
  'draining',
  'waiting',
  'starting',
  'running',
] as const

/** @see BOT_STATES */
export type BotState = (typeof BOT_STATES)[number]

/** What a process is doing (docs/rollouts.md, "What a process is doing"). */
export function processState({
  lostAt,
  offer,
  standing,
  digest,
  failures,
}: Pick<ProcessRecord, 'lostAt' | 'offer' | 'standing' | 'digest' | 'failures'>): BotState {
  if (lostAt !== null) return 'lost'
  if (offer !== null) {
    return failures.some((failure) => failure.digest === offer.digest) ? 'failing' : 'loading'
  }
  if (standing === 'left-alone') return 'failing'
  if (standing === 'draining') return 'draining'
  if (standing === 'waiting') return 'waiting'
  return digest === null ? 'starting' : 'running'
}
