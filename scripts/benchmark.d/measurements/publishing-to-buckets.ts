import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { withOtherDigest, writeArchive } from '../archives.ts'
import { startAzure, startGcs } from '../emulators.ts'
import type { Goal, Measurement } from '../measurement.ts'
import { median } from '../median.ts'
import { residentMegabytes, usageDuring } from '../process-usage.ts'
import { publish, startSlipway } from '../slipway.ts'
import { startS3 } from '../versitygw.ts'

const AT_ONCE = 8

const clouds = {
  'S3 (versitygw)': startS3,
  'Google (fake-gcs-server)': startGcs,
  'Azure (azurite)': startAzure,
}

export const publishingToBuckets: Measurement = {
  name: 'buckets-memory',
  title: 'Memory of eight publishes at once into a bucket',
  method:
    'Eight different archives of 120 MB are published at once to a server that stores them in a bucket; the most memory (RSS) ' +
    'that it holds meanwhile, less what it held two seconds after its start.',
  run: async ({ folder, rounds, quick }) => {
    const first = await writeArchive(folder, quick ? 20 : 120)
    const files = [first]
    for (let number = 1; number < AT_ONCE; number++) files.push(await withOtherDigest(first, number))
    const rows: (string | number)[][] = []
    const goals: Goal[] = []
    for (const [name, start] of Object.entries(clouds)) {
      const seen: { idle: number; peak: number }[] = []
      for (let round = 1; round <= Math.min(rounds, 3); round++) {
        const place = path.join(folder, `${name.slice(0, 2)}-${round}`)
        await mkdir(place)
        const server = await startSlipway(path.join(place, 'slipway'), await start(place))
        await pause(2000)
        const idle = residentMegabytes(server.pid)
        const { peakMegabytes: peak } = await usageDuring(server.pid, () =>
          Promise.all(files.map((file, number) => publish(server, file, `model-${number}`))),
        )
        await server.stop()
        seen.push({ idle, peak })
      }
      const grown = median(seen.map(({ idle, peak }) => peak - idle))
      const [idle, peak] = [median(seen.map((one) => one.idle)), median(seen.map((one) => one.peak))]
      rows.push([name, idle, peak, grown])
      const what = `MB grown by eight publishes at once, ${name}`
      goals.push({ what, wanted: 60, figure: grown, atMost: true })
    }
    return { columns: ['stored in', 'RSS MB idle', 'RSS MB at most', 'growth MB'], rows, goals }
  },
}
