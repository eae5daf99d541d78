import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Figures } from './alternate.ts'
import { requireProgram } from './find-program.ts'
import { fleetProcessName } from './fleet-process-name.ts'
import { measureGenerated, runWrk } from './load.ts'
import { requireUnchanged } from './require-unchanged.ts'
import type { RunningServer } from './start-server.ts'

const script = path.join(import.meta.dirname, 'listed-polls.lua')

/** How fast the bots of a fleet poll. */
export interface FleetRate {
  connections: number
  /** Milliseconds from an answer on a connection to the next poll there; 0: each is kept busy. */
  pause: number
  seconds: number
}

/**
 * Has all bots of a fleet poll in turn, each with a connection of its own for each poll, and all in sync. wrk sends them: it takes a
 * small part of what the program of `startFleet` takes for a poll, and so comes to rates at which the server is busy.
 */
export class FleetPolls {
  readonly #server: RunningServer
  readonly #list: string

  private constructor(server: RunningServer, list: string) {
    this.#server = server
    this.#list = list
  }

  /** @param folder Where the list of their polls is written. @throws Error where wrk is not installed */
  static async prepare(server: RunningServer, bots: number, folder: string): Promise<FleetPolls> {
    requireProgram('wrk', 'wrk')
    const answer = await fetch(`${server.url}/models/default`, { method: 'HEAD' })
    const digest = JSON.parse(answer.headers.get('etag') ?? '""') as string
    const tagOf = (bot: number) => `"${digest}.${fleetProcessName(bot)}"`
    await requireUnchanged(`${server.url}/models/default?instance=pod-0`, tagOf(0))
    const requests = Array.from({ length: bots }, (_, bot) =>
      [
        `GET /models/default?instance=pod-${bot} HTTP/1.1`,
        `Host: ${new URL(server.url).host}`,
        `If-None-Match: ${tagOf(bot)}`,
        'Connection: close',
        '',
        '',
      ].join(String.raw`\r\n`),
    )
    const list = path.join(folder, 'polls')
    await writeFile(list, requests.map((request) => `${request}\n`).join(''))
    return new FleetPolls(server, list)
  }

  /** As `measureLoad`. @throws Error where a poll was refused, or a connection broke */
  async measure({ connections, pause, seconds }: FleetRate): Promise<Figures> {
    return await measureGenerated(this.#server.pid, () =>
      runWrk(requireProgram('wrk', 'wrk'), { connections, seconds }, [
        '--script',
        script,
        this.#server.url,
        '--',
        this.#list,
        String(pause),
      ]),
    )
  }
}
