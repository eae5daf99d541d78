import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { alternate } from '../alternate.ts'
import { writeArchive } from '../archives.ts'
import { measurePolls } from '../load.ts'
import type { Measurement } from '../measurement.ts'
import { startTlsNginx } from '../nginx.ts'
import { startBareHttp } from '../rivals.ts'
import { publish, startSlipway, tagOfRunningProcess } from '../slipway.ts'

export const tls: Measurement = {
  name: 'tls',
  title: 'Polls over TLS',
  method:
    'As the polls above, with 64 connections to an nginx that ends TLS (P-256 certificate) in front of Slipway, and to one in ' +
    'front of the bare `node:http` handler. CPU time is that of the server behind; the handshakes are work of nginx.',
  run: async ({ folder, rounds, seconds }) => {
    const files = path.join(folder, 'files')
    await mkdir(files)
    const slipway = await startSlipway(path.join(folder, 'slipway'))
    await publish(slipway, await writeArchive(files, 1))
    const bare = await startBareHttp(folder)
    const inFront = {
      slipway: await startTlsNginx(folder, slipway.url),
      'node:http': await startTlsNginx(folder, bare.url),
    }
    const tag = await tagOfRunningProcess(slipway)

    const rows: (string | number)[][] = []
    const goals = []
    for (const connectionPerRequest of [true, false]) {
      const load = (which: keyof typeof inFront, pid: number) => () =>
        measurePolls(
          { pid, url: `${inFront[which].tlsUrl}/models/default`, tag },
          { connections: 64, seconds, connectionPerRequest },
        )
      const compared = await alternate(rounds, {
        slipway: load('slipway', slipway.pid),
        'node:http': load('node:http', bare.pid),
      })
      const situation = `64 × ${connectionPerRequest ? 'new connection' : 'kept alive'}`
      for (const server of ['slipway', 'node:http'] as const) {
        rows.push([
          situation,
          `nginx, ${server}`,
          compared.of(server, 'perSecond'),
          compared.ratio('perSecond', 'slipway', server),
          compared.of(server, 'p99'),
          compared.of(server, 'cpuMicroseconds'),
        ])
      }
      goals.push({
        what: `304s over TLS against node:http, ${situation}`,
        wanted: connectionPerRequest ? 0.9 : 0.8,
        figure: compared.ratio('perSecond', 'slipway', 'node:http'),
        inCpuTime: 1 / compared.ratio('cpuMicroseconds', 'slipway', 'node:http'),
      })
    }
    return {
      columns: ['connections', 'servers', '304s/s', 'Slipway ÷ it', 'p99 ms', 'CPU µs per 304'],
      rows,
      goals,
    }
  },
}
