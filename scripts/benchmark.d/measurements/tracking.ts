import path from 'node:path'
import { alternate } from '../alternate.ts'
import { writeArchive } from '../archives.ts'
import { measurePolls } from '../load.ts'
import type { Measurement } from '../measurement.ts'
import { publish, startSlipway, tagOfRunningProcess } from '../slipway.ts'
import { warmUp } from '../warm-up.ts'

export const tracking: Measurement = {
  name: 'tracking',
  title: 'Polls with and without tracking',
  method:
    'Two servers with the same release, one with `SLIPWAY_TRACK=off`; wrk keeps 64 connections busy with polls in sync, kept ' +
    'alive and, as Rasa does it, with a new connection for each. Both are warm, as above.',
  run: async ({ folder, rounds, seconds }) => {
    const file = await writeArchive(folder, 1)
    const on = await startSlipway(path.join(folder, 'on'))
    const off = await startSlipway(path.join(folder, 'off'), { SLIPWAY_TRACK: 'off' })
    await publish(on, file)
    await publish(off, file)
    const tag = await tagOfRunningProcess(on)
    const servers = {
      on: { pid: on.pid, url: `${on.url}/models/default`, tag },
      // The same digest, without the name of a process.
      off: { pid: off.pid, url: `${off.url}/models/default`, tag: tag.replace(/\..*"$/, '"') },
    }
    await warmUp(Object.values(servers))
    const load = (which: keyof typeof servers, connectionPerRequest: boolean) => () =>
      measurePolls(servers[which], { connections: 64, seconds, connectionPerRequest })
    const rows: (string | number)[][] = []
    const goals = []
    for (const connectionPerRequest of [true, false]) {
      const compared = await alternate(rounds, {
        on: load('on', connectionPerRequest),
        off: load('off', connectionPerRequest),
      })
      const situation = connectionPerRequest ? 'new connection' : 'kept alive'
      for (const which of ['on', 'off'] as const) {
        const figures = ['perSecond', 'p99', 'cpuMicroseconds', 'peakMegabytes'] as const
        rows.push([situation, which, ...figures.map((figure) => compared.of(which, figure))])
      }
      goals.push({
        what: `304s with tracking against without, ${situation}`,
        wanted: 0.9,
        figure: compared.ratio('perSecond', 'on', 'off'),
        inCpuTime: compared.ratio('cpuMicroseconds', 'off', 'on'),
      })
    }
    return {
      columns: ['64 connections', 'SLIPWAY_TRACK', '304s/s', 'p99 ms', 'CPU µs per 304', 'RSS MB'],
      rows,
      goals,
    }
  },
}
