import path from 'node:path'
import { freePort } from '../../../test/support/free-port.ts'
import { alternate } from '../alternate.ts'
import { FleetPolls } from '../fleet-polls.ts'
import { inspectedAt, liveHeapMegabytes } from '../live-heap.ts'
import type { Measurement } from '../measurement.ts'
import { median } from '../median.ts'
import { startFleet, type FleetRound } from '../polling-fleet.ts'
import { residentMegabytes, usageDuring } from '../process-usage.ts'
import { publishMany } from '../publish-many.ts'
import { startSlipway } from '../slipway.ts'

/** Seconds between two polls of a process. */
const INTERVAL = 10

/** Polls of each bot within which all run a release: some are told to come again. */
const MOST_ROUNDS = 20

/** How polls in sync come: from all processes once in an interval, as far as that many are answered; and as many as are answered. */
const RATES = {
  'in sync, some 5,000/s': { connections: 500, pause: 95 },
  'in sync, as many as are answered': { connections: 64, pause: 0 },
}

/** What so many bots, polling once each, cost the server. */
interface Cost extends FleetRound {
  /** CPU time for a second of polls: 1 is one core. */
  cores: number
  cpuMicroseconds: number
}

export const fleet: Measurement = {
  name: 'fleet',
  title: 'A fleet of 50,000 processes',
  method:
    'So many processes, each a bot with a name and a release of some kB, poll with a connection of their own for each poll: first with ' +
    'nothing to run, as fast as they are served; then in sync; then, after another release was published, all due for it within 10 s. ' +
    'Polls in sync are sent by wrk, one thread, which goes through all processes in turn: for 10 s some 5,000 a second, from 500 connections ' +
    'that rest for 95 ms after each answer, and for 10 s as many as are answered on 64 connections; 30 s of the latter come first, as the ' +
    'address from which wrk polls is another one, and Node compiles what is called often. The other polls are sent by a program of our own that may ' +
    'take longer than 10 s for them. Whoever is told to come again (503) does so with its next poll. Memory is what is in use of the heap of ' +
    'the server, after a garbage collection, when all run the last release, less what was before the first poll; in brackets as the system ' +
    'sees it (RSS). Cores for polls every 10 s are the CPU time for a poll at the first of these rates times 5,000, also where fewer came.',
  run: async ({ folder, rounds, quick }) => {
    const bots = quick ? 2_000 : 50_000
    const inspector = await freePort()
    const server = await startSlipway(path.join(folder, 'slipway'), inspectedAt(inspector))
    await publishMany(server, 1)
    const polling = startFleet(`${server.url}/models/default`, bots)
    const idle = residentMegabytes(server.pid)
    const idleHeap = await liveHeapMegabytes(server.pid, inspector)
    const poll = async (seconds: number): Promise<Cost> => {
      const { result, cpuSeconds } = await usageDuring(server.pid, () => polling.pollAll({ seconds }))
      const cpuMicroseconds = (cpuSeconds / bots) * 1e6
      return { ...result, cores: cpuSeconds / result.seconds, cpuMicroseconds }
    }
    /** Until all run what is tagged. */
    const settle = async (): Promise<void> => {
      for (let count = 0; count < MOST_ROUNDS; count++) if ((await poll(0)).statuses[304] === bots) return
      throw new Error(`not all bots ran the last release after ${MOST_ROUNDS} polls of each`)
    }
    const first = await poll(0)
    await settle()
    const seconds = quick ? 2 : INTERVAL
    const polls = await FleetPolls.prepare(server, bots, folder)
    await polls.measure({ connections: 64, pause: 0, seconds: 3 * seconds })
    const loads = Object.entries(RATES).map(
      ([name, rate]) => [name, () => polls.measure({ ...rate, seconds })] as const,
    )
    const inSync = await alternate(rounds, Object.fromEntries(loads))
    const due: Cost[] = []
    for (let count = 0; count < Math.min(rounds, 2); count++) {
      await publishMany(server, 1, count + 1)
      due.push(await poll(INTERVAL))
      await settle()
    }
    const grown = residentMegabytes(server.pid) - idle
    const perProcess = (((await liveHeapMegabytes(server.pid, inspector)) - idleHeap) * 1000) / bots
    await polling.stop()
    const row = (what: string, costs: Cost[]): (string | number)[] => [
      what,
      ...(['seconds', 'cores', 'cpuMicroseconds', 'p99', 'worst'] as const).map((figure) =>
        median(costs.map((cost) => cost[figure])),
      ),
      median(costs.map(({ statuses }) => (100 * (statuses[503] ?? 0)) / bots)),
    ]
    const rowInSync = (name: string): (string | number)[] => {
      const [perSecond, cpuMicroseconds] = [inSync.of(name, 'perSecond'), inSync.of(name, 'cpuMicroseconds')]
      const cores = (perSecond * cpuMicroseconds) / 1e6
      return [name, bots / perSecond, cores, cpuMicroseconds, inSync.of(name, 'p99'), '', '']
    }
    // Where fewer polls came, the server had longer for them than it is to have.
    const [full = ''] = Object.keys(RATES)
    const cores = (inSync.of(full, 'cpuMicroseconds') * bots) / (INTERVAL * 1e6)
    return {
      columns: [
        `${bots.toLocaleString('en')} polls`,
        's',
        'cores',
        'CPU µs per poll',
        'p99 ms',
        'worst ms',
        '% told to come again',
      ],
      rows: [
        row('nothing to run', [first]),
        ...Object.keys(RATES).map(rowInSync),
        row('another release due', due),
        [
          'kB of heap for a process (RSS)',
          '',
          '',
          `${perProcess.toFixed(1)} (${((grown * 1000) / bots).toFixed(1)})`,
          '',
          '',
          '',
        ],
      ],
      goals: [
        { what: 'cores for polls in sync every 10 s', wanted: 1, figure: cores, atMost: true },
        { what: 'kB of memory for a process', wanted: 4, figure: perProcess, atMost: true },
      ],
    }
  },
}
