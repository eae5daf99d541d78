import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { writeArchive } from '../archives.ts'
import { downloadToNowhere } from '../download-to-nowhere.ts'
import type { Measurement } from '../measurement.ts'
import { residentMegabytes, usageDuring } from '../process-usage.ts'
import { publish, startSlipway } from '../slipway.ts'

const eight = [1, 2, 3, 4, 5, 6, 7, 8]

export const memory: Measurement = {
  name: 'memory',
  title: 'Memory of eight transfers at once',
  method:
    'Eight archives of 1 GB are published at once, then eight are downloaded at once; the most memory (RSS) that the server ' +
    'holds meanwhile, less what it held two seconds after its start.',
  run: async ({ folder, quick }) => {
    const file = await writeArchive(folder, quick ? 50 : 1000)
    // Once: it is the longest of all measurements, and other work on the machine does not change what memory a server takes.
    const server = await startSlipway(path.join(folder, 'slipway'))
    await pause(2000)
    const idle = residentMegabytes(server.pid)
    const publishing = await usageDuring(server.pid, () =>
      Promise.all(eight.map((number) => publish(server, file, `model-${number}`))),
    )
    const downloading = await usageDuring(server.pid, () =>
      Promise.all(eight.map((number) => downloadToNowhere(`${server.url}/models/model-${number}`))),
    )
    await server.stop()
    const peak = { publishing: publishing.peakMegabytes, downloading: downloading.peakMegabytes }
    return {
      columns: ['eight at once', 'RSS MB idle', 'RSS MB at most', 'growth MB'],
      rows: (['publishing', 'downloading'] as const).map((which) => [
        which,
        idle,
        peak[which],
        peak[which] - idle,
      ]),
      goals: (['publishing', 'downloading'] as const).map((which) => ({
        what: `MB grown by eight transfers at once, ${which}`,
        wanted: 60,
        figure: peak[which] - idle,
        atMost: true,
      })),
    }
  },
}
