import { once } from 'node:events'
import type { Server } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { ComposedServer } from '../compose.ts'
import type { StopCause } from './stop-on-signal.ts'

/** How long each step of stopping may take, in milliseconds. */
export interface StopLimits {
  /** Transfers that are under way. */
  drain: number
  /** Of that, for which requests are taken: a fleet that goes on asking is to be answered by another server then. */
  listening: number
  /** Tasks beside answering, once transfers have ended: they were told to end when it began. */
  tasks: number
  /** Requests that are still open after that, such as a promotion. */
  lastAnswers: number
}

export const STOP_LIMITS: StopLimits = {
  drain: 30_000,
  listening: 20_000,
  tasks: 1_000,
  lastAnswers: 1_000,
}

const LOOK_MILLISECONDS = 50

/**
 * Stops a server in order: not ready at once, background tasks told to end at once, polls answered while transfers end, then the
 * listener closed, transfers ended that began meanwhile, and last what lies behind it. A task that does not end in time is left
 * behind; the catalog is closed all the same.
 */
export async function stopServer(
  server: ComposedServer,
  logger: Logger,
  cause: StopCause,
  limits = STOP_LIMITS,
): Promise<void> {
  const { http, traffic, health } = server
  if ('error' in cause) logger.fatal({ err: cause.error }, 'crashed')
  const { transfers, uploads } = traffic
  const why = 'signal' in cause ? { signal: cause.signal } : 'reason' in cause ? { reason: cause.reason } : {}
  logger.info({ ...why, transfers, uploads }, 'stopping')
  health.stopping()
  const tasks = server.stop().catch((error: unknown) => {
    logger.error({ err: error }, 'stop_failed')
  })
  const until = performance.now() + ('error' in cause ? 0 : limits.drain)
  await drain(server, Math.min(until, performance.now() + limits.listening))
  const haveEnded = await endsWithin(tasks, limits.tasks)
  if (!haveEnded) logger.warn('tasks_left_behind')
  const closed = closeListener(http)
  await drain(server, until)
  await endsWithin(closed, limits.lastAnswers)
  http.closeAllConnections()
  await server.close()
  logger.info('stopped')
}

/** @param until As performance.now() counts. */
async function drain({ traffic }: ComposedServer, until: number): Promise<void> {
  while (traffic.transfers + traffic.uploads > 0 && performance.now() < until) {
    await setTimeout(LOOK_MILLISECONDS)
  }
}

/** Takes no connections any more. @returns when those that there are have ended. */
async function closeListener(http: Server): Promise<void> {
  if (!http.listening) return
  const closed = once(http, 'close')
  http.close()
  await closed
}

async function endsWithin(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  return Promise.race([work.then(() => true), setTimeout(milliseconds, false, { ref: false })])
}
