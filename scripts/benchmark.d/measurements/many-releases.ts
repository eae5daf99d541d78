import path from 'node:path'
import { alternate } from '../alternate.ts'
import { measurePolls } from '../load.ts'
import type { Measurement } from '../measurement.ts'
import { median } from '../median.ts'
import { residentMegabytes } from '../process-usage.ts'
import { publishMany } from '../publish-many.ts'
import { startSlipway, tagOfRunningProcess } from '../slipway.ts'
import type { RunningServer } from '../start-server.ts'
import { steadyPolls } from '../steady-polls.ts'

export const manyReleases: Measurement = {
  name: 'many-releases',
  title: 'Few and many releases',
  method:
    'Two servers, one with 10 releases and one with 10,000, published over HTTP; start-up until `/readyz` answers, then polls ' +
    'on 64 kept-alive connections, and the latency of a hundred polls a second with a new connection each.',
  run: async ({ folder, rounds, seconds, quick }) => {
    const counts = { few: 10, many: quick ? 200 : 10_000 }
    const folders = { few: path.join(folder, 'few'), many: path.join(folder, 'many') }
    const starts: Record<'few' | 'many', RunningServer[]> = { few: [], many: [] }
    for (const which of ['few', 'many'] as const) {
      const server = await startSlipway(folders[which])
      await publishMany(server, counts[which])
      await server.stop()
    }
    for (let round = 1; round < rounds; round++) {
      for (const which of ['few', 'many'] as const) {
        const server = await startSlipway(folders[which])
        starts[which].push(server)
        await server.stop()
      }
    }
    const servers = { few: await startSlipway(folders.few), many: await startSlipway(folders.many) }
    const load = (which: 'few' | 'many') => async () => {
      const { pid, url } = servers[which]
      const tag = await tagOfRunningProcess(servers[which])
      const polled = { pid, url: `${url}/models/default`, tag }
      const busy = await measurePolls(polled, { connections: 64, seconds })
      const steady = await steadyPolls(polled.url, tag, seconds)
      return { ...busy, steadyMedian: steady.median, steadyP99: steady.p99 }
    }
    const compared = await alternate(rounds, { few: load('few'), many: load('many') })
    for (const which of ['few', 'many'] as const) starts[which].push(servers[which])
    const start = (which: 'few' | 'many', figure: 'startSeconds' | 'startCpuSeconds'): number =>
      median(starts[which].map((server) => server[figure]))
    return {
      columns: [
        'releases',
        'start s',
        'start CPU s',
        '304s/s',
        'CPU µs per 304',
        'median ms',
        'p99 ms',
        'RSS MB',
      ],
      rows: (['few', 'many'] as const).map((which) => [
        counts[which].toLocaleString('en'),
        start(which, 'startSeconds'),
        start(which, 'startCpuSeconds'),
        compared.of(which, 'perSecond'),
        compared.of(which, 'cpuMicroseconds'),
        compared.of(which, 'steadyMedian'),
        compared.of(which, 'steadyP99'),
        residentMegabytes(servers[which].pid),
      ]),
      goals: [
        {
          what: `304s with ${counts.many} releases against ${counts.few}`,
          wanted: 0.95,
          figure: compared.ratio('perSecond', 'many', 'few'),
          inCpuTime: 1 / compared.ratio('cpuMicroseconds', 'many', 'few'),
        },
        {
          what: `s to start with ${counts.many} releases`,
          wanted: 2,
          figure: start('many', 'startSeconds'),
          atMost: true,
        },
      ],
    }
  },
}
