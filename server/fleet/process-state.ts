import type { BotState } from '../../protocol/bot-states.ts'
import type { ProcessRecord } from './process-record.ts'

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
