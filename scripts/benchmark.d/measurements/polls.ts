import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { alternate, type Figures } from '../alternate.ts'
import { writeArchive } from '../archives.ts'
import { measurePolls, type PolledServer } from '../load.ts'
import type { Goal, Measurement } from '../measurement.ts'
import { startNginx } from '../nginx.ts'
import { startBareHttp, startExpressStatic } from '../rivals.ts'
import { publish, startSlipway, tagOfRunningProcess } from '../slipway.ts'
import { warmUp, warmUpFor } from '../warm-up.ts'

/** What V8 makes of the same program differs from start to start by more than what is compared here, and stays for as long as it runs. */
const STARTS = 5

/** By name, the starts of each server, which take turns. */
type Servers = Record<'slipway' | 'nginx' | 'node:http' | 'express.static', readonly PolledServer[]>

export const polls: Measurement = {
  name: 'polls',
  title: 'Polls answered with 304',
  method:
    'wrk, one thread, keeps 1, 64 or 1,000 connections busy with polls as Rasa sends them that carry the entity tag of the release: once ' +
    'with connections kept alive and once, as Rasa does it, with a new connection for every poll. Beside Slipway: nginx ' +
    '(one worker) and `express.static` with the same file and its own tag, and a `node:http` handler whose whole code is ' +
    `a fixed 304, with our header fields and flags of Node, and its defaults; all let 4,096 connections wait. As starts of one program differ, ${STARTS} each of Slipway and of ` +
    'that handler run side by side and take turns: each is compared with the one that is measured some seconds before or after it, in each round with another. Each is warm: 8 s of either kind come first, and 4 s more of a kind before it is measured.',
  run: async ({ folder, rounds, seconds }) => {
    const servers = await startAll(folder)
    const all = [...new Set(Object.values(servers).flat())]
    await warmUp(all)

    const rows: (string | number)[][] = []
    const goals: Goal[] = []
    for (const connectionPerRequest of [true, false]) {
      await warmUpFor(all, connectionPerRequest)
      for (const connections of [1, 64, 1000]) {
        const load = (which: keyof Servers, shift = 0) =>
          inTurns(
            servers[which],
            { connections, seconds: Math.ceil(seconds / STARTS), connectionPerRequest },
            shift,
          )
        const compared = await alternate(rounds * STARTS, {
          slipway: load('slipway'),
          'node:http': load('node:http', 1),
          nginx: load('nginx'),
          'express.static': load('express.static'),
        })
        const situation = `${connections} × ${connectionPerRequest ? 'new connection' : 'kept alive'}`
        for (const server of Object.keys(servers) as (keyof Servers)[]) {
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

async function startAll(folder: string): Promise<Servers> {
  const files = path.join(folder, 'files')
  await mkdir(files)
  const file = await writeArchive(files, 1)
  const name = path.basename(file)
  const slipway: PolledServer[] = []
  const bare: PolledServer[] = []
  for (let start = 0; start < STARTS; start++) {
    const server = await startSlipway(path.join(folder, `slipway-${start}`))
    await publish(server, file)
    const tag = await tagOfRunningProcess(server)
    slipway.push({ pid: server.pid, url: `${server.url}/models/default`, tag })
    const { pid, url } = await startBareHttp(folder)
    bare.push({ pid, url, tag })
  }
  const nginx = await startNginx(folder, files)
  const express = await startExpressStatic(folder, files)
  return {
    slipway,
    nginx: repeated(await withOwnTag(nginx.pid, `${nginx.url}/${name}`)),
    'node:http': bare,
    'express.static': repeated(await withOwnTag(express.pid, `${express.url}/${name}`)),
  }
}

/** One start in place of several: it is measured in the turn of each. */
function repeated(server: PolledServer): PolledServer[] {
  return Array<PolledServer>(STARTS).fill(server)
}

/**
 * A measurement that has another of the starts in its turn each time.
 *
 * @param shift By how many starts each round is shifted: so each start is compared with each of the other server, and not always with the same.
 */
function inTurns(
  starts: readonly PolledServer[],
  load: Parameters<typeof measurePolls>[1],
  shift: number,
): () => Promise<Figures> {
  let turn = 0
  return async () => {
    const round = Math.floor(turn / starts.length)
    const server = starts[(turn++ + round * shift) % starts.length]
    if (server === undefined) throw new Error('there is no server to measure')
    return await measurePolls(server, load)
  }
}

async function withOwnTag(pid: number, url: string): Promise<PolledServer> {
  const answer = await fetch(url, { method: 'HEAD' })
  const tag = answer.headers.get('etag')
  if (tag === null) throw new Error(`${url} has no ETag (status ${answer.status})`)
  return { pid, url, tag }
}
