import type { Logger } from 'pino'
import { logAtMostEvery } from './log-at-most-every.ts'

/** What the catalog fails at is tried again every few seconds. */
const WARNING_MILLISECONDS = 60_000

/**
 * Logs a warning for what the catalog failed at, once a minute at most.
 *
 * @param isLost Whether the catalog is lost, which the log says already.
 * @param event What the line of the log is called.
 */
export function logCatalogFailures(
  logger: Logger,
  isLost: () => boolean,
  event: string,
): (error: unknown) => void {
  const warn = logAtMostEvery(WARNING_MILLISECONDS, (error) => {
    logger.warn({ err: error }, event)
  })
  return (error) => {
    if (!isLost()) warn(error)
  }
}
