import { RefusedChanges } from '../access/audit/refused-changes.ts'
import { shortenAudit } from '../access/audit/shorten-audit.ts'
import type { Housekeeping } from '../coordination/housekeeping.ts'
import { repeat } from '../time/repeat.ts'
import type { ComposedCatalog } from './compose-catalog.ts'
import { logCatalogFailures } from './logging/log-catalog-failures.ts'
import type { Surroundings } from './surroundings.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const SCHEDULES = { flushing: { first: MINUTE, every: MINUTE }, keeping: { first: HOUR, every: HOUR } }

/** What keeps the audit, beside the changes that write it themselves. */
export interface ComposedAudit {
  refused: RefusedChanges
  start(): void
  /** Tells it to end, and resolves when it has. */
  stop(): Promise<void>
  /** Writes down what was refused last. */
  close(): Promise<void>
}

/** Puts together what writes refused changes down, and drops what is older than is to be kept. */
export function composeAudit(
  { config, clock, logger }: Surroundings,
  { catalog, isLost }: Pick<ComposedCatalog, 'catalog' | 'isLost'>,
  housekeeping: Housekeeping,
  schedules = SCHEDULES,
): ComposedAudit {
  const refused = new RefusedChanges()
  const onFailure = logCatalogFailures(logger, isLost, 'audit_unsaved')
  const flush = async (): Promise<undefined> => {
    if (!isLost()) await refused.flush(catalog, clock)
  }
  let told = 0
  const keep = async (): Promise<number | undefined> => {
    const { term } = housekeeping
    if (isLost() || term === undefined) return undefined
    const now = clock.now()
    const hasMore = await shortenAudit(term.fence(catalog), now - config.auditDays * DAY, now)
    const head = await catalog.auditHead()
    // Wherever logs are kept, it can be compared with later.
    if (head.sequence !== told) logger.info({ ...head }, 'audit_head')
    told = head.sequence
    return hasMore ? MINUTE : undefined
  }
  const stopping = new AbortController()
  let tasks: Promise<void>[] = []
  return {
    refused,
    start() {
      tasks = [
        repeat(schedules.flushing, stopping.signal, flush, onFailure),
        repeat(schedules.keeping, stopping.signal, keep, onFailure),
      ]
    },
    async stop() {
      stopping.abort(new Error('The server stops'))
      await Promise.all(tasks)
    },
    async close() {
      await flush().catch(onFailure)
    },
  }
}
