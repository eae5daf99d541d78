import type { Logger } from 'pino'
import type { InboxEvent } from '../intake/inbox/inbox-event.ts'

/** Writes what happens in the inbox to the log: errors where somebody must act, warnings where somebody should look. */
export function logInbox(logger: Logger, event: InboxEvent): void {
  switch (event.kind) {
    case 'published': {
      const { path, model, release } = event
      logger.info({ path, model, release: release.number, digest: release.digest }, 'inbox_published')
      return
    }
    case 'known':
      logger.info({ path: event.path, model: event.model, digest: event.digest }, 'inbox_known')
      return
    case 'refused':
      logger.warn(
        { path: event.path, model: event.model, code: event.code, reason: event.message },
        'inbox_refused',
      )
      return
    case 'ignored':
      logger.warn({ path: event.path, reason: event.reason }, 'inbox_ignored')
      return
    case 'waiting':
      logger.info({ path: event.path, model: event.model }, 'import_wait')
      return
    case 'failed':
      logger.error(
        { path: event.path, model: event.model, err: event.error, retryMilliseconds: event.retryInMs },
        'inbox_failed',
      )
      return
    case 'order-doubtful': {
      const { model, newestByTime, newestByTraining } = event
      logger.warn(
        { model, newestByTime, newestByTraining },
        'inbox_order_doubtful: latest follows file times, as Rasa does, but another file was trained later',
      )
      return
    }
    case 'scan-failed':
    case 'watch-failed':
      logger.error(
        { folder: event.folder, err: event.error },
        event.kind === 'scan-failed' ? 'inbox_unreadable' : 'inbox_unwatched',
      )
  }
}
