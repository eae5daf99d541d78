import { execFile, spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { alternate, type Figures } from '../alternate.ts'
import { writeArchive } from '../archives.ts'
import type { Measurement } from '../measurement.ts'
import { residentMegabytes } from '../process-usage.ts'
import { publish, startSlipway } from '../slipway.ts'

const checkout = path.resolve(import.meta.dirname, '../../..')

export const pulling: Measurement = {
  name: 'pulling',
  title: 'The puller',
  method:
    '`slipway pull` installs an archive of 1 GB in an empty folder: downloaded, hashed, inspected to its last byte, synced to disk ' +
    'and renamed, with the start of the program counted in. Beside it `curl -o` of the same archive, then `sha256sum` and ' +
    '`gzip -t` of the file at the same time, which sync nothing. Memory is the most that the puller held.',
  run: async ({ folder, rounds, quick }) => {
    const file = await writeArchive(folder, quick ? 50 : 1000)
    const megabytes = statSync(file).size / 1e6
    const server = await startSlipway(path.join(folder, 'server'))
    await publish(server, file)
    const url = `${server.url}/models/default`
    const target = path.join(folder, 'pulled')
    const byPuller = async (): Promise<Figures> => {
      await rm(target, { recursive: true, force: true })
      const begin = performance.now()
      const peakMegabytes = await runPuller(url, target)
      return { megabytesPerSecond: (megabytes / (performance.now() - begin)) * 1000, peakMegabytes }
    }
    const byTools = async (): Promise<Figures> => {
      await rm(target, { recursive: true, force: true })
      const begin = performance.now()
      const command =
        'mkdir "$2" && curl -sSf -o "$2/model.tar.gz" "$1" && { sha256sum "$2/model.tar.gz" & gzip -t "$2/model.tar.gz" && wait $!; }'
      await promisify(execFile)('bash', ['-c', command, 'bash', url, target])
      return {
        megabytesPerSecond: (megabytes / (performance.now() - begin)) * 1000,
        peakMegabytes: Number.NaN,
      }
    }
    const compared = await alternate(rounds, {
      'slipway pull': byPuller,
      'curl, then sha256sum and gzip -t': byTools,
    })
    const ratio = compared.ratio('megabytesPerSecond', 'slipway pull', 'curl, then sha256sum and gzip -t')
    return {
      columns: ['', 'MB/s', 'RSS MB at most'],
      rows: (['slipway pull', 'curl, then sha256sum and gzip -t'] as const).map((name) => [
        name,
        compared.of(name, 'megabytesPerSecond'),
        compared.of(name, 'peakMegabytes'),
      ]),
      goals: [{ what: 'pulling 1 GB against curl, then sha256sum and gzip -t', wanted: 0.8, figure: ratio }],
    }
  },
}

/** @returns the most memory that it held, in MB. */
async function runPuller(url: string, target: string): Promise<number> {
  const main = path.join(checkout, 'client/cli/main.ts')
  const child = spawn(process.execPath, ['--max-semi-space-size=1', main, 'pull', url, '--to', target], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  let peak = 0
  const sampler = setInterval(() => {
    peak = Math.max(peak, residentMegabytes(child.pid ?? 0))
  }, 50)
  try {
    const code = await new Promise((resolve) => child.once('exit', resolve))
    if (code !== 0) throw new Error(`slipway pull ended with ${String(code)}`)
    return peak
  } finally {
    clearInterval(sampler)
  }
}
