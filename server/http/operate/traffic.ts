import type { SendOutcome } from '../pull/send-archive.ts'

/** How the request of an archive was answered. */
export type ArchiveOutcome = SendOutcome | 'unchanged' | 'waiting' | 'refused' | 'overloaded'

/**
 * What the server has answered, in plain numbers: counting a poll must cost next to nothing. `metrics.ts` shows
 * them to Prometheus.
 */
export class Traffic {
  /**
   * Pulls by how they ended. `waiting`: the process goes on with what it has. `overloaded`: sent
   * away for a moment. `unknown`: no such model or tag. `denied`:
   * no valid token.
   */
  readonly pulls: Record<ArchiveOutcome | 'unknown' | 'denied' | 'failed', number> = {
    unchanged: 0,
    waiting: 0,
    sent: 0,
    aborted: 0,
    refused: 0,
    overloaded: 0,
    unknown: 0,
    denied: 0,
    failed: 0,
  }
  /** Archives on their way out. */
  transfers = 0
  /** Archives on their way in. */
  uploads = 0
  /** Publishes by how they ended. */
  readonly publishes: Record<'published' | 'replayed' | 'refused' | 'failed', number> = {
    published: 0,
    replayed: 0,
    refused: 0,
    failed: 0,
  }
}
