import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { prunedSchema } from '../../../protocol/prune.ts'
import type { Measurement } from '../measurement.ts'
import { residentMegabytes } from '../process-usage.ts'
import { publishMany } from '../publish-many.ts'
import { startSlipway, tagOfRunningProcess } from '../slipway.ts'
import type { RunningServer } from '../start-server.ts'
import { steadyPolls } from '../steady-polls.ts'

const checkout = path.resolve(import.meta.dirname, '../../..')

export const upkeep: Measurement = {
  name: 'upkeep',
  title: 'Keeping many releases',
  method:
    'A server with 10,000 releases: all of them listed, pruned (first as a dry run) down to a tenth, backed up twice while it ' +
    'runs, and hashed; beside the pruning and the first backup a hundred polls a second with a new connection each. Memory is ' +
    'that of the server before and after.',
  run: async ({ folder, seconds, quick }) => {
    const count = quick ? 200 : 10_000
    const filling = await startSlipway(folder)
    await publishMany(filling, count)
    await filling.stop()
    const server = await startSlipway(folder)
    const before = residentMegabytes(server.pid)
    const tag = await tagOfRunningProcess(server)
    const polled = () => steadyPolls(`${server.url}/models/default`, tag, Math.max(seconds, 3))
    const listed = await timed(() => listAll(server))
    const dryRun = await timed(() => prune(server, count / 10, true))
    const [backup, backupPolls] = await Promise.all([timed(() => backUp(folder)), polled()])
    const again = await timed(() => backUp(folder))
    const verified = await timed(() => verify(server))
    const [pruned, prunePolls] = await Promise.all([timed(() => prune(server, count / 10, false)), polled()])
    const row = (what: string, took: number, p99: number | string = '') => [what, took, p99]
    return {
      columns: [`with ${count.toLocaleString('en')} releases`, 's', 'p99 ms of polls meanwhile'],
      rows: [
        row('start', server.startSeconds),
        row('list all', listed),
        row('prune, dry run', dryRun),
        row('prune nine tenths', pruned, prunePolls.p99),
        row('first backup', backup, backupPolls.p99),
        row('backup once more', again),
        row('hash all', verified),
        row('RSS MB before', before),
        row('RSS MB after', residentMegabytes(server.pid)),
      ],
      goals: [
        { what: 'p99 ms of polls while pruning', wanted: 100, figure: prunePolls.p99, atMost: true },
        { what: 'p99 ms of polls during a backup', wanted: 100, figure: backupPolls.p99, atMost: true },
      ],
    }
  },
}

/** @returns seconds. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

async function listAll({ url }: RunningServer): Promise<void> {
  let cursor: string | null = ''
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`
    const answer = await fetch(`${url}/api/v1/models/default/releases?limit=1000${query}`)
    cursor = ((await answer.json()) as { next: string | null }).next
  }
}

async function prune({ url }: RunningServer, keepReleases: number, dryRun: boolean): Promise<void> {
  const answer = await fetch(`${url}/api/v1/models/default/prune`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ keepReleases, dryRun }),
  })
  prunedSchema.parse(await answer.json())
}

async function backUp(folder: string): Promise<void> {
  const tool = path.join(checkout, 'server/tools/backup.ts')
  const env = { ...process.env, DATA_DIR: path.join(folder, 'data') }
  await promisify(execFile)(process.execPath, [tool, path.join(folder, 'backup')], { env })
}

async function verify({ url }: RunningServer): Promise<void> {
  const cli = path.join(checkout, 'client/cli/main.ts')
  const env = { ...process.env, SLIPWAY_URL: url }
  await promisify(execFile)(process.execPath, [cli, 'verify'], { env })
}
