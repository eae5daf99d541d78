import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { compare, takeTurns, type Rounds } from '../alternate.ts'
import { writeArchive } from '../archives.ts'
import { measurePolls, type PolledServer } from '../load.ts'
import type { Goal, Measurement, Report } from '../measurement.ts'
import { startNginx } from '../nginx.ts'
import { startBareHttp, startExpressStatic } from '../rivals.ts'
import { publish, startSlipway, tagOfRunningProcess } from '../slipway.ts'
import { stopAllServers } from '../start-server.ts'
import { warmUp, warmUpFor } from '../warm-up.ts'

/** What V8 makes of the same program differs from start to start by more than what is compared here, and stays for as long as it runs. */
const STARTS = 6

const SERVERS = ['slipway', 'node:http', 'nginx', 'express.static'] as const

type Server = (typeof SERVERS)[number]

export const polls: Measurement = {
  name: 'polls',
  title: 'Polls answered with 304',
  method:
    'wrk, one thread, keeps 1, 64 or 1,000 connections busy with polls as Rasa sends them that carry the entity tag of the release: once ' +
    'with connections kept alive and once, as Rasa does it, with a new connection for every poll (the poll asks for its end by `Connection: close`, where ' +
    'Rasa closes it without a word). Beside Slipway: nginx ' +
    '(one worker) and `express.static` with the same file and its own tag, and a `node:http` handler whose whole code is ' +
    'a fixed 304, with our header fields and flags of Node, and its defaults; all let 4,096 connections wait. As starts of one program differ, ' +
    `all of this is done ${STARTS} times, each time with servers that are started anew, and the medians are of all rounds of all starts. The servers ` +
    'take turns second by second, so that none rests for long: after some 10 s V8 throws away code that it compiled, and the next second takes half as much time again (measured). ' +
    'Each is warm: 8 s of either kind of connections come first, 4 s more of a kind before it is measured, and a round of each load that is not counted.',
  run: async ({ folder, rounds, seconds, quick }) => {
    const seen = new Map<string, Rounds<Server>[]>()
    const starts = quick ? 1 : STARTS
    // Turns of a second, however much is measured in all: see `method`.
    const turns = rounds * Math.ceil(seconds / starts)
    for (let start = 0; start < starts; start++) {
      const own = path.join(folder, `start-${start}`)
      await mkdir(own)
      await measureStart(own, turns, (situation, figures) => {
        seen.set(situation, [...(seen.get(situation) ?? []), figures])
      })
      await stopAllServers()
    }
    return { ...report(seen), loads: `${starts} starts, ${turns} rounds of 1 s each` }
  },
}

/** Measures servers that are started for it in each situation. */
async function measureStart(
  folder: string,
  rounds: number,
  measured: (situation: string, figures: Rounds<Server>) => void,
): Promise<void> {
  const servers = await startAll(folder)
  await warmUp(Object.values(servers))
  for (const connectionPerRequest of [true, false]) {
    await warmUpFor(Object.values(servers), connectionPerRequest)
    for (const connections of [1, 64, 1000]) {
      const load = (server: Server) => () =>
        measurePolls(servers[server], { connections, seconds: 1, connectionPerRequest })
      const loads: Record<Server, ReturnType<typeof load>> = {
        slipway: load('slipway'),
        'node:http': load('node:http'),
        nginx: load('nginx'),
        'express.static': load('express.static'),
      }
      await takeTurns(1, loads)
      const situation = `${connections} × ${connectionPerRequest ? 'new connection' : 'kept alive'}`
      measured(situation, await takeTurns(rounds, loads))
    }
  }
}

function report(seen: ReadonlyMap<string, readonly Rounds<Server>[]>): Report {
  const rows: (string | number)[][] = []
  const goals: Goal[] = []
  for (const [situation, parts] of seen) {
    const compared = compare(
      Object.fromEntries(
        SERVERS.map((server) => [server, parts.flatMap((rounds) => rounds[server])]),
      ) as Rounds<Server>,
    )
    for (const server of SERVERS) {
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
  return {
    columns: ['connections', 'server', '304s/s', 'Slipway ÷ it', 'p99 ms', 'CPU µs per 304', 'RSS MB'],
    rows,
    goals,
  }
}

async function startAll(folder: string): Promise<Record<Server, PolledServer>> {
  const files = path.join(folder, 'files')
  await mkdir(files)
  const file = await writeArchive(files, 1)
  const name = path.basename(file)
  const slipway = await startSlipway(path.join(folder, 'slipway'))
  await publish(slipway, file)
  const tag = await tagOfRunningProcess(slipway)
  const bare = await startBareHttp(folder)
  const nginx = await startNginx(folder, files)
  const express = await startExpressStatic(folder, files)
  return {
    slipway: { pid: slipway.pid, url: `${slipway.url}/models/default`, tag },
    'node:http': { pid: bare.pid, url: bare.url, tag },
    nginx: await withOwnTag(nginx.pid, `${nginx.url}/${name}`),
    'express.static': await withOwnTag(express.pid, `${express.url}/${name}`),
  }
}

async function withOwnTag(pid: number, url: string): Promise<PolledServer> {
  const answer = await fetch(url, { method: 'HEAD' })
  const tag = answer.headers.get('etag')
  if (tag === null) throw new Error(`${url} has no ETag (status ${answer.status})`)
  return { pid, url, tag }
}
