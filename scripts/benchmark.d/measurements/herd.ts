import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { writeArchive } from '../archives.ts'
import type { Measurement } from '../measurement.ts'
import { median } from '../median.ts'
import { startNginx } from '../nginx.ts'
import { residentMegabytes, usageDuring } from '../process-usage.ts'
import { publish, startSlipway, tagOfRunningProcess } from '../slipway.ts'
import { steadyPolls } from '../steady-polls.ts'

/** One herd: how many were not served, when the last was, how much later than the median, and what it cost. */
interface Herd {
  cut: number
  seconds: number
  slowestToMedian: number
  grownMegabytes: number
  cpuSeconds: number
}

export const herd: Measurement = {
  name: 'herd',
  title: 'A thousand bots at once',
  method:
    'A thousand bots fetch the same archive of 22 MB at the same moment, each with a connection of its own; beside them, ' +
    'with Slipway, a hundred polls a second go on. Memory is what the server holds at most, less what it held before.',
  run: async ({ folder, rounds, seconds, quick }) => {
    const files = path.join(folder, 'files')
    await mkdir(files)
    const file = await writeArchive(files, quick ? 1 : 22)
    const bots = quick ? 100 : 1000
    const slipway = await startSlipway(path.join(folder, 'slipway'))
    await publish(slipway, file)
    const url = `${slipway.url}/models/default`
    const tag = await tagOfRunningProcess(slipway)
    const nginx = await startNginx(folder, files)
    const seen: Record<'slipway' | 'nginx', Herd[]> = { slipway: [], nginx: [] }
    const p99s: number[] = []
    for (let round = 1; round <= rounds; round++) {
      const polls = steadyPolls(url, tag, Math.max(seconds, quick ? 1 : 10))
      seen.slipway.push(await fetchAtOnce(slipway.pid, url, bots))
      p99s.push((await polls).p99)
      seen.nginx.push(await fetchAtOnce(nginx.pid, `${nginx.url}/${path.basename(file)}`, bots))
    }
    const of = (server: 'slipway' | 'nginx', figure: keyof Herd): number =>
      median(seen[server].map((one) => one[figure]))
    const p99 = median(p99s)
    return {
      columns: ['server', 'cut', 'all served s', 'slowest ÷ median', 'CPU s', 'MB grown', 'p99 of polls ms'],
      rows: (['slipway', 'nginx'] as const).map((server) => [
        server,
        of(server, 'cut'),
        of(server, 'seconds'),
        of(server, 'slowestToMedian'),
        of(server, 'cpuSeconds'),
        of(server, 'grownMegabytes'),
        server === 'slipway' ? p99 : '–',
      ]),
      goals: [
        {
          what: 'downloads that were cut, of a thousand',
          wanted: 0,
          figure: of('slipway', 'cut'),
          atMost: true,
        },
        {
          what: 'a thousand downloads against nginx, time until all are served',
          wanted: 1.1,
          figure: of('slipway', 'seconds') / of('nginx', 'seconds'),
          atMost: true,
        },
        {
          what: 'the slowest of a thousand against the median',
          wanted: 2,
          figure: of('slipway', 'slowestToMedian'),
          atMost: true,
        },
        {
          what: 'MB grown by a thousand downloads',
          wanted: 100,
          figure: of('slipway', 'grownMegabytes'),
          atMost: true,
        },
        { what: 'p99 of polls beside a thousand downloads, ms', wanted: 50, figure: p99, atMost: true },
      ],
    }
  },
}

async function fetchAtOnce(pid: number, url: string, bots: number): Promise<Herd> {
  const program = path.join(import.meta.dirname, '../bots-at-once.ts')
  const before = residentMegabytes(pid)
  const { result, cpuSeconds, peakMegabytes } = await usageDuring(pid, () =>
    promisify(execFile)(process.execPath, [program, url, String(bots)]),
  )
  process.stderr.write(result.stderr)
  const { times, cut } = JSON.parse(result.stdout) as { times: number[]; cut: number }
  const slowest = Math.max(...times)
  return {
    cut,
    seconds: slowest / 1000,
    slowestToMedian: slowest / median(times),
    grownMegabytes: peakMegabytes - before,
    cpuSeconds,
  }
}
