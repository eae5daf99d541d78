import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startFaultProxy } from '../../../test/support/fault-proxy.ts'
import { alternate } from '../alternate.ts'
import { writeArchive } from '../archives.ts'
import { measurePolls, type PolledServer } from '../load.ts'
import type { Goal, Measurement } from '../measurement.ts'
import { median, percentile } from '../median.ts'
import { startDatabase, type BenchmarkDatabase } from '../postgres.ts'
import { publishMany } from '../publish-many.ts'
import { publish, startSlipway, tagOfRunningProcess } from '../slipway.ts'
import { runOnOneProcessor } from '../run-on-one-processor.ts'
import { alsoStop, type RunningServer } from '../start-server.ts'
import { startS3 } from '../versitygw.ts'
import { warmUp } from '../warm-up.ts'

/** Short turns, and many: what else the machine does meanwhile falls on both sides alike. */
const TURN_SECONDS = 1
const TURNS = 10

/** How often each look at what a tag says is made, in milliseconds. */
const LOOK_EVERY = 4

export const serverGroup: Measurement = {
  name: 'server-group',
  title: 'Three servers over Postgres',
  method:
    'Three servers over a Postgres and an S3 bucket (versitygw) on the same machine, and one with its catalog in SQLite. Polls: as above, 64 ' +
    'connections to one of the three, while the others run and nobody asks them, and in turn to the one with SQLite, for a second at a time, ' +
    'in ten times as many rounds. Both are warm, as above, and the main thread of either runs on the same processor. Promotions: a tag is moved at ' +
    'one server, and all three ' +
    `are asked every ${LOOK_EVERY} ms what it says; the time is that from the answer to the promotion until the last of them says so. Without ` +
    'LISTEN, a proxy breaks each connection that would listen.',
  run: async ({ folder, rounds, quick }) => {
    const postgres = await startDatabase()
    const bucket = await startS3(folder)
    const file = await writeArchive(folder, 1)
    const sqlite = await startSlipway(path.join(folder, 'sqlite'))
    const hearing = await startGroup(folder, 'hearing', postgres, bucket, true)
    await publish(sqlite, file)
    await publish(hearing[0], file)
    // What was published is known to all of them, and what came with the start is done.
    await pause(2_000)
    const rows: (string | number)[][] = []
    const goals: Goal[] = []
    const servers = {
      'one of three over Postgres': await polled(hearing[1]),
      'one over SQLite': await polled(sqlite),
    }
    for (const { pid } of Object.values(servers)) await runOnOneProcessor(pid)
    await warmUp(Object.values(servers))
    for (const connectionPerRequest of [true, false]) {
      const load = (which: keyof typeof servers) => () =>
        measurePolls(servers[which], { connections: 64, seconds: TURN_SECONDS, connectionPerRequest })
      const compared = await alternate(quick ? 1 : rounds * TURNS, {
        'one of three over Postgres': load('one of three over Postgres'),
        'one over SQLite': load('one over SQLite'),
      })
      const situation = connectionPerRequest ? 'new connection' : 'kept alive'
      for (const which of ['one of three over Postgres', 'one over SQLite'] as const)
        rows.push([
          `304s/s, 64 × ${situation}`,
          which,
          compared.of(which, 'perSecond'),
          compared.of(which, 'p99'),
          compared.of(which, 'cpuMicroseconds'),
        ])
      goals.push({
        what: `304s over Postgres against SQLite, 64 × ${situation}`,
        wanted: 0.95,
        figure: compared.ratio('perSecond', 'one of three over Postgres', 'one over SQLite'),
        inCpuTime: compared.ratio('cpuMicroseconds', 'one over SQLite', 'one of three over Postgres'),
      })
    }
    await sqlite.stop()
    const times = quick ? 10 : 200
    const heard = await timePromotions(hearing, times)
    for (const server of hearing) await server.stop()
    const deaf = await startGroup(folder, 'deaf', postgres, bucket, false)
    await publish(deaf[0], file)
    const looked = await timePromotions(deaf, Math.ceil(times / 4))
    for (const [how, seen, wanted] of [
      ['with LISTEN', heard, 300],
      ['without', looked, 1_500],
    ] as const) {
      rows.push([
        `ms until all see a promotion, ${how}`,
        'three over Postgres',
        median(seen),
        percentile(seen, 0.99),
        '–',
      ])
      goals.push({
        what: `ms until all three see a promotion, ${how}, p99`,
        wanted,
        figure: percentile(seen, 0.99),
        atMost: true,
      })
    }
    return { columns: ['what', 'servers', 'median, or rate', 'p99 ms', 'CPU µs per 304'], rows, goals }
  },
}

async function polled(server: RunningServer): Promise<PolledServer> {
  return {
    pid: server.pid,
    url: `${server.url}/models/default`,
    tag: await tagOfRunningProcess(server),
  }
}

/** Three servers over one database and one bucket. */
type Group = readonly [RunningServer, RunningServer, RunningServer]

/** @param isHearing Whether they are told of what the others changed, and need not look. */
async function startGroup(
  folder: string,
  name: string,
  postgres: BenchmarkDatabase,
  bucket: Record<string, string>,
  isHearing: boolean,
): Promise<Group> {
  const url = new URL(await postgres.database(name))
  if (!isHearing) {
    const proxy = await startFaultProxy(postgres.port)
    proxy.inject({ kind: 'lose', text: 'listen slipway_news' })
    alsoStop(proxy.stop)
    url.port = String(proxy.port)
  }
  const env = { ...bucket, DATABASE_URL: url.href, MODELS_DIR: '', REMOTE_STORAGE_PATH: name }
  const start = (index: number) => startSlipway(path.join(folder, `${name}-${index}`), env)
  // One after the other: the first makes the tables.
  return [await start(1), await start(2), await start(3)]
}

/** Milliseconds from each promotion's answer until all servers say so. The tag goes there and back between two releases. */
async function timePromotions(servers: Group, times: number): Promise<number[]> {
  await publishMany(servers[0], 1)
  const seen: number[] = []
  for (let time = 0; time < times; time++) {
    const release = (time % 2) + 1
    const { url } = servers[time % servers.length] ?? servers[0]
    const answer = await fetch(`${url}/api/v1/models/default/tags/production`, {
      method: 'PUT',
      body: JSON.stringify({ release }),
      headers: { 'Content-Type': 'application/json' },
    })
    if (answer.status > 201) throw new Error(`a promotion gave ${answer.status}: ${await answer.text()}`)
    const since = performance.now()
    await answer.body?.cancel()
    const latencies = await Promise.all(
      servers.map(async (server) => {
        for (;;) {
          const look = await fetch(`${server.url}/models/default@production`, { method: 'HEAD' })
          if (look.headers.get('slipway-release') === String(release)) return performance.now() - since
          if (performance.now() - since > 30_000) throw new Error(`${server.url} does not see a promotion`)
          await pause(LOOK_EVERY)
        }
      }),
    )
    seen.push(Math.max(...latencies))
    // Not in step with what looks each second.
    await pause(20 + ((time * 37) % 100))
  }
  return seen
}
