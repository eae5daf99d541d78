import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** Over how many seconds the polls of all bots are spread; 0: all at once. */
export interface FleetOrder {
  seconds: number
}

/** One poll of each bot: how many were answered how, and how long that took. */
export interface FleetRound {
  statuses: Record<number, number>
  seconds: number
  /** Milliseconds from when a poll was sent until its answer was there. */
  p99: number
  worst: number
}

/** Many bots, in a process of their own. */
export interface PollingFleet {
  /**
   * Has each bot poll once; what it is sent, it runs.
   *
   * @throws Error where a poll was answered otherwise than by 200, 304, or 503: come again, which a bot does by itself
   */
  pollAll: (order: FleetOrder) => Promise<FleetRound>
  stop: () => Promise<void>
}

/** Starts so many bots that know nothing yet. */
export function startFleet(url: string, bots: number): PollingFleet {
  const program = path.join(import.meta.dirname, 'polling-fleet-worker.ts')
  const child = fork(program, [url, String(bots)], { execArgv: ['--max-old-space-size=2000'] })
  const ended = once(child, 'exit')
  const gone = ended.then(() => {
    throw new Error('the fleet ended before it had polled (see above)')
  })
  gone.catch(() => undefined)
  return {
    pollAll: async (order) => {
      child.send(order)
      const [round] = (await Promise.race([once(child, 'message'), gone])) as [FleetRound]
      const other = Object.keys(round.statuses).find((status) => !['200', '304', '503'].includes(status))
      if (other !== undefined)
        throw new Error(`${round.statuses[Number(other)] ?? 0} polls were answered ${other}`)
      return round
    },
    stop: async () => {
      child.kill()
      await ended
    },
  }
}
