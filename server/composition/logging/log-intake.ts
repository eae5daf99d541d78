import type { Logger } from 'pino'
import type { IntakeEvent } from '../../intake/intake-event.ts'

/**
 * Writes what happens while archives are taken in to the log: errors where somebody must act, warnings where somebody should look.
 *
 * @param source Where they arrived; lines begin with it.
 */
export function logIntake(logger: Logger, source: 'inbox' | 'import', event: IntakeEvent): void {
  const named = (path: string) => (source === 'inbox' ? { path } : { key: path })
  switch (event.kind) {
    case 'published': {
      const { path, model, release, warnings } = event
      const warning = warnings.length === 0 ? undefined : warnings.map(({ message }) => message).join('; ')
      logger[warning === undefined ? 'info' : 'warn'](
        { ...named(path), model, release: release.number, digest: release.digest, warning },
        `${source}_published`,
      )
      return
    }
    case 'known':
      logger.info({ ...named(event.path), model: event.model, digest: event.digest }, `${source}_known`)
      return
    case 'refused':
      logger.warn(
        { ...named(event.path), model: event.model, code: event.code, reason: event.message },
        `${source}_refused`,
      )
      return
    case 'ignored':
      logger.warn({ ...named(event.path), reason: event.reason }, `${source}_ignored`)
      return
    case 'waiting':
      logger.info({ ...named(event.path), model: event.model }, 'import_wait')
      return
    case 'failed':
      logger.error(
        { ...named(event.path), model: event.model, err: event.error, retryMilliseconds: event.retryInMs },
        `${source}_failed`,
      )
      return
    case 'order-doubtful': {
      const { model, newestByTime, newestByTraining } = event
      logger.warn(
        { model, newestByTime, newestByTraining },
        `${source}_order_doubtful: latest follows file times, as Rasa does, but another file was trained later`,
      )
      return
    }
    case 'scan-failed':
    case 'watch-failed':
      logger.error(
        { [source === 'inbox' ? 'folder' : 'place']: event.source, err: event.error },
        event.kind === 'scan-failed' ? `${source}_unreadable` : `${source}_unwatched`,
      )
  }
}
