import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { alternate } from '../alternate.ts'
import { writeArchive } from '../archives.ts'
import { measureLoad } from '../load.ts'
import type { Goal, Measurement } from '../measurement.ts'
import { startNginx } from '../nginx.ts'
import { publish, startSlipway } from '../slipway.ts'

export const downloads: Measurement = {
  name: 'downloads',
  title: 'Downloads',
  method:
    'wrk keeps 1 or 8 connections busy with unconditional downloads of an archive of 1 MB or 200 MB, from Slipway and ' +
    'from nginx with sendfile, both with the file in the page cache and each with one download before the first round.',
  run: async ({ folder, rounds, seconds, quick }) => {
    const files = path.join(folder, 'files')
    await mkdir(files)
    const slipway = await startSlipway(path.join(folder, 'slipway'))
    const nginx = await startNginx(folder, files)

    const rows: (string | number)[][] = []
    const goals: Goal[] = []
    for (const megabytes of [1, quick ? 50 : 200]) {
      const file = await writeArchive(files, megabytes)
      const model = `mb${megabytes}`
      await publish(slipway, file, model)
      const servers = {
        slipway: { pid: slipway.pid, url: `${slipway.url}/models/${model}` },
        nginx: { pid: nginx.pid, url: `${nginx.url}/${path.basename(file)}` },
      }
      for (const { url } of Object.values(servers)) await (await fetch(url)).bytes()
      for (const connections of [1, 8]) {
        const load = (which: keyof typeof servers) => () =>
          measureLoad(servers[which].pid, { url: servers[which].url, connections, seconds })
        const compared = await alternate(rounds, { slipway: load('slipway'), nginx: load('nginx') })
        for (const server of ['slipway', 'nginx'] as const) {
          rows.push([
            `${megabytes} MB × ${connections}`,
            server,
            compared.of(server, 'bytesPerSecond') / 1e6,
            compared.ratio('bytesPerSecond', 'slipway', server),
            compared.of(server, 'cpuPerGigabyte'),
            compared.of(server, 'peakMegabytes'),
          ])
        }
        goals.push({
          what: `downloads against nginx, ${megabytes} MB × ${connections}`,
          wanted: 0.9,
          figure: compared.ratio('bytesPerSecond', 'slipway', 'nginx'),
        })
      }
    }
    return {
      columns: ['archive × connections', 'server', 'MB/s', 'Slipway ÷ it', 'CPU s per GB', 'RSS MB'],
      rows,
      goals,
    }
  },
}
