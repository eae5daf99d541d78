import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { alternate, type Figures } from '../alternate.ts'
import { writeArchive } from '../archives.ts'
import type { Measurement } from '../measurement.ts'
import { usageDuring } from '../process-usage.ts'
import { publish, startSlipway } from '../slipway.ts'

export const publishing: Measurement = {
  name: 'publishing',
  title: 'Publishing',
  method:
    'curl publishes an archive of 1 GB to a server with an empty DATA_DIR: hashed, inspected, written and synced to disk. ' +
    'Beside it `sha256sum` and `gzip -t`, started at the same time on the same file, which write nothing; the time is that ' +
    'of the slower one.',
  run: async ({ folder, rounds, quick }) => {
    const file = await writeArchive(folder, quick ? 50 : 1000)
    const megabytes = statSync(file).size / 1e6
    let started = 0
    const bySlipway = async (): Promise<Figures> => {
      started += 1
      const server = await startSlipway(path.join(folder, `slipway-${started}`))
      const begin = performance.now()
      const { cpuSeconds, peakMegabytes } = await usageDuring(server.pid, () => publish(server, file))
      const seconds = (performance.now() - begin) / 1000
      await server.stop()
      return {
        megabytesPerSecond: megabytes / seconds,
        cpuPerGigabyte: (cpuSeconds / megabytes) * 1000,
        peakMegabytes,
      }
    }
    const byTools = async (): Promise<Figures> => {
      const { seconds, cpuSeconds } = await timeOfTools(file)
      return {
        megabytesPerSecond: megabytes / seconds,
        cpuPerGigabyte: (cpuSeconds / megabytes) * 1000,
        peakMegabytes: Number.NaN,
      }
    }
    const compared = await alternate(rounds, { slipway: bySlipway, 'sha256sum and gzip -t': byTools })
    return {
      columns: ['', 'MB/s', 'Slipway ÷ it', 'CPU s per GB', 'RSS MB'],
      rows: (['slipway', 'sha256sum and gzip -t'] as const).map((name) => [
        name,
        compared.of(name, 'megabytesPerSecond'),
        compared.ratio('megabytesPerSecond', 'slipway', name),
        compared.of(name, 'cpuPerGigabyte'),
        compared.of(name, 'peakMegabytes'),
      ]),
      goals: [
        {
          what: 'publishing against sha256sum beside gzip -t',
          wanted: 0.8,
          figure: compared.ratio('megabytesPerSecond', 'slipway', 'sha256sum and gzip -t'),
        },
      ],
    }
  },
}

/** Both run under bash, whose `times` tells the CPU time of its children. */
async function timeOfTools(file: string): Promise<{ seconds: number; cpuSeconds: number }> {
  const begin = performance.now()
  const { stdout } = await promisify(execFile)('bash', [
    '-c',
    'sha256sum "$1" >/dev/null & first=$!; gzip -t "$1"; wait "$first"; times',
    'bash',
    file,
  ])
  const seconds = (performance.now() - begin) / 1000
  const ofChildren = stdout.trim().split('\n').at(-1) ?? ''
  const cpuSeconds = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)]
    .map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest))
    .reduce((sum, some) => sum + some, 0)
  return { seconds, cpuSeconds }
}
