import path from 'node:path'
import { writeArchive } from '../archives.ts'
import type { Measurement } from '../measurement.ts'
import { median } from '../median.ts'
import { startFleet, type FleetRound } from '../polling-fleet.ts'
import { usageDuring } from '../process-usage.ts'
import { publish, startSlipway, tagOfRunningProcess } from '../slipway.ts'
import { steadyPolls } from '../steady-polls.ts'

export const updatesDue: Measurement = {
  name: 'updates-due',
  title: 'A thousand updates due at once',
  method:
    'A thousand bots run a release of 1 MB and poll at the same moment after another one was published: each is offered it. Beside ' +
    'them a hundred polls a second in sync go on, of another model.',
  run: async ({ folder, rounds, seconds, quick }) => {
    const bots = quick ? 100 : 1000
    const first = await writeArchive(folder, 1)
    const server = await startSlipway(path.join(folder, 'slipway'))
    await publish(server, first, 'other')
    await publish(server, first)
    const url = `${server.url}/models/default`
    const polling = startFleet(url, bots)
    /** Until all run what is tagged. */
    const settle = async (): Promise<void> => {
      while (((await polling.pollAll({ seconds: quick ? 2 : 10 })).statuses[304] ?? 0) < bots);
    }
    await settle()
    const tag = (await tagOfRunningProcess(server)).replace(/\..*"$/, '"')
    const seen: { due: FleetRound; cpuSeconds: number; beside: number; peakMegabytes: number }[] = []
    for (let round = 1; round <= rounds; round++) {
      await publish(server, await writeArchive(folder, 1 + round / 100))
      const beside = steadyPolls(`${server.url}/models/other`, tag, Math.max(seconds, 5))
      const { result, cpuSeconds, peakMegabytes } = await usageDuring(server.pid, () =>
        polling.pollAll({ seconds: 0 }),
      )
      seen.push({ due: result, cpuSeconds, peakMegabytes, beside: (await beside).p99 })
      await settle()
    }
    await polling.stop()
    const of = (figure: (one: (typeof seen)[number]) => number): number => median(seen.map(figure))
    return {
      columns: [
        `${bots} updates`,
        'all served s',
        'CPU s',
        'RSS MB',
        'p99 of polls ms',
        '% told to come again',
      ],
      rows: [
        [
          'offered and sent',
          of(({ due }) => due.seconds),
          of(({ cpuSeconds }) => cpuSeconds),
          of(({ peakMegabytes }) => peakMegabytes),
          of(({ beside }) => beside),
          of(({ due }) => (100 * (due.statuses[503] ?? 0)) / bots),
        ],
      ],
      goals: [],
    }
  },
}
