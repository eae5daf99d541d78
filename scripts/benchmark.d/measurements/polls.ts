import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { alternate } from '../alternate.ts'
import { writeArchive } from '../archives.ts'
import { measurePolls } from '../load.ts'
import type { Goal, Measurement } from '../measurement.ts'
import { startNginx } from '../nginx.ts'
import { startBareHttp, startExpressStatic } from '../rivals.ts'
import { publish, startSlipway, tagOfRunningProcess } from '../slipway.ts'
import { warmUp } from '../warm-up.ts'

export const polls: Measurement = {
  name: 'polls',
  title: 'Polls answered with 304',
  method:
    'wrk, one thread, keeps 1, 64 or 1,000 connections busy with polls that carry the entity tag of the release: once ' +
    'with connections kept alive and once, as Rasa does it, with a new connection for every poll. Beside Slipway: nginx ' +
    '(one worker) and `express.static` with the same file and its own tag, and a `node:http` handler whose whole code is ' +
    'a fixed 304, with our header fields and flags of Node. Each is warm: 8 s of either kind come first.',
  run: async ({ folder, rounds, seconds }) => {
    const files = path.join(folder, 'files')
    await mkdir(files)
    const file = await writeArchive(files, 1)
    const slipway = await startSlipway(path.join(folder, 'slipway'))
    await publish(slipway, file)
    const nginx = await startNginx(folder, files)
    const bare = await startBareHttp(folder)
    const express = await startExpressStatic(folder, files)
    const name = path.basename(file)
    const tag = await tagOfRunningProcess(slipway)
    const servers = {
      slipway: {
        pid: slipway.pid,
        url: `${slipway.url}/models/default`,
        tag,
      },
      nginx: await withOwnTag(nginx.pid, `${nginx.url}/${name}`),
      'node:http': { pid: bare.pid, url: bare.url, tag },
      'express.static': await withOwnTag(express.pid, `${express.url}/${name}`),
    }

    await warmUp(Object.values(servers))

    const rows: (string | number)[][] = []
    const goals: Goal[] = []
    for (const connectionPerRequest of [true, false]) {
      for (const connections of [1, 64, 1000]) {
        const load = (which: keyof typeof servers) => () =>
          measurePolls(servers[which], { connections, seconds, connectionPerRequest })
        const compared = await alternate(rounds, {
          slipway: load('slipway'),
          nginx: load('nginx'),
          'node:http': load('node:http'),
          'express.static': load('express.static'),
        })
        const situation = `${connections} × ${connectionPerRequest ? 'new connection' : 'kept alive'}`
        for (const server of Object.keys(servers) as (keyof typeof servers)[]) {
          rows.push([
            situation,
            server,
            compared.of(server, 'perSecond'),
            compared.ratio('perSecond', 'slipway', server),
            compared.of(server, 'p99'),
            compared.of(server, 'cpuMicroseconds'),
            compared.of(server, 'peakMegabytes'),
          ])
        }
        const goal = (other: 'node:http' | 'express.static', wanted: number): Goal => ({
          what: `304s against ${other}, ${situation}`,
          wanted,
          figure: compared.ratio('perSecond', 'slipway', other),
          inCpuTime: 1 / compared.ratio('cpuMicroseconds', 'slipway', other),
        })
        goals.push(goal('node:http', 0.95), goal('express.static', 2))
      }
    }
    return {
      columns: ['connections', 'server', '304s/s', 'Slipway ÷ it', 'p99 ms', 'CPU µs per 304', 'RSS MB'],
      rows,
      goals,
    }
  },
}

async function withOwnTag(pid: number, url: string): Promise<{ pid: number; url: string; tag: string }> {
  const answer = await fetch(url, { method: 'HEAD' })
  const tag = answer.headers.get('etag')
  if (tag === null) throw new Error(`${url} has no ETag (status ${answer.status})`)
  return { pid, url, tag }
}
