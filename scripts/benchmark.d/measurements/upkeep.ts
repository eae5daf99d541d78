import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { prunedSchema } from '../../../protocol/prune.ts'
import { writeArchive } from '../archives.ts'
import type { Measurement } from '../measurement.ts'
import { residentMegabytes } from '../process-usage.ts'
import { publishMany } from '../publish-many.ts'
import { publish, startSlipway, tagOfRunningProcess } from '../slipway.ts'
import type { RunningServer } from '../start-server.ts'
import { steadyPolls, type SteadyPolls } from '../steady-polls.ts'

const checkout = path.resolve(import.meta.dirname, '../../..')

export const upkeep: Measurement = {
  name: 'upkeep',
  title: 'Keeping many releases',
  method:
    'A server with 10,000 releases: all of them listed, backed up twice while it runs, hashed, pruned (first as a dry run) down ' +
    'to a tenth, and an archive of 1 GB published. Beside each a hundred polls a second go on, with a new connection each; what ' +
    'is done sooner than they end is done again. Memory is that of the server before and after.',
  run: async ({ folder, seconds, quick }) => {
    const count = quick ? 200 : 10_000
    const large = await writeArchive(folder, quick ? 20 : 1000)
    const filling = await startSlipway(folder)
    await publishMany(filling, count)
    await filling.stop()
    const server = await startSlipway(folder)
    const before = residentMegabytes(server.pid)
    const tag = await tagOfRunningProcess(server)
    const polled = (): Promise<SteadyPolls> =>
      steadyPolls(`${server.url}/models/default`, tag, Math.max(seconds, quick ? 1 : 5))

    const dryRun = await timed(() => prune(server, count / 10, true))
    const listing = await besidePolls(() => listAll(server), polled)
    const backingUp = await besidePolls(() => backUp(folder), polled, { again: false })
    const again = await timed(() => backUp(folder))
    const hashing = await besidePolls(() => verify(server), polled)
    const publishing = await besidePolls(() => publish(server, large, 'large'), polled)
    const pruning = await besidePolls(() => prune(server, count / 10, false), polled, { again: false })
    const jobs: [string, Busy][] = [
      ['list all', listing],
      ['first backup', backingUp],
      ['hash all', hashing],
      ['publish 1 GB', publishing],
      ['prune nine tenths', pruning],
    ]
    return {
      columns: [`with ${count.toLocaleString('en')} releases`, 's', 'p99 ms of polls', 'worst ms of polls'],
      rows: [
        ['start', server.startSeconds, '', ''],
        ['prune, dry run', dryRun, '', ''],
        ...jobs.map(([what, { took, polls }]) => [what, took, polls.p99, polls.worst]),
        ['backup once more', again, '', ''],
        ['RSS MB before', before, '', ''],
        ['RSS MB after', residentMegabytes(server.pid), '', ''],
      ],
      goals: jobs.map(([what, { polls }]) => ({
        what: `p99 ms of polls meanwhile: ${what}`,
        wanted: 50,
        figure: polls.p99,
        atMost: true,
      })),
    }
  },
}

/** How long a job took, and how polls fared beside it. */
interface Busy {
  took: number
  polls: SteadyPolls
}

/** Does a job beside polls. @param options.again Whether it is done again and again until they end. */
async function besidePolls(
  job: () => Promise<unknown>,
  polled: () => Promise<SteadyPolls>,
  { again = true } = {},
): Promise<Busy> {
  let goOn = again
  const polls = polled().finally(() => (goOn = false))
  const took = await timed(job)
  while (goOn) await job()
  return { took, polls: await polls }
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
