import type { Logger } from 'pino'
import type { ImportEvent } from '../intake/bucket/import-event.ts'

/** Writes what happens while a bucket is imported to the log. */
export function logImport(logger: Logger, event: ImportEvent): void {
  switch (event.kind) {
    case 'published': {
      const { key, model, release } = event
      logger.info({ key, model, release: release.number, digest: release.digest }, 'import_published')
      return
    }
    case 'known':
      logger.info({ key: event.key, model: event.model, digest: event.digest }, 'import_known')
      return
    case 'refused':
      logger.warn(
        { key: event.key, model: event.model, code: event.code, reason: event.message },
        'import_refused',
      )
      return
    case 'ignored':
      logger.warn({ key: event.key, reason: event.reason }, 'import_ignored')
      return
    case 'failed':
      logger.error(
        { key: event.key, model: event.model, err: event.error, retryMilliseconds: event.retryInMs },
        'import_failed',
      )
      return
    case 'look-failed':
      logger.error({ err: event.error }, 'import_unreadable')
  }
}
