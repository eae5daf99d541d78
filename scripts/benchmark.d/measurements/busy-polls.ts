import path from 'node:path'
import { writeArchive } from '../archives.ts'
import { downloadToNowhere } from '../download-to-nowhere.ts'
import type { Measurement } from '../measurement.ts'
import { median } from '../median.ts'
import { publish, startSlipway, tagOfRunningProcess } from '../slipway.ts'
import { steadyPolls, type SteadyPolls } from '../steady-polls.ts'

export const busyPolls: Measurement = {
  name: 'busy-polls',
  title: 'Polls while archives come and go',
  method:
    'A hundred polls a second, each with a new connection, first alone and then while an archive of 1 GB is published and ' +
    'eight of 200 MB are downloaded again and again. Latency counts from the moment at which a poll was due.',
  run: async ({ folder, rounds, seconds, quick }) => {
    const large = await writeArchive(folder, quick ? 50 : 1000)
    const medium = await writeArchive(folder, quick ? 10 : 200)
    const seen: Record<'alone' | 'busy', SteadyPolls[]> = { alone: [], busy: [] }
    for (let round = 1; round <= rounds; round++) {
      const server = await startSlipway(path.join(folder, `slipway-${round}`))
      await publish(server, medium)
      const url = `${server.url}/models/default`
      const tag = await tagOfRunningProcess(server)
      await downloadToNowhere(url)
      seen.alone.push(await steadyPolls(url, tag, seconds))

      let busy = true
      const keepDownloading = async (): Promise<void> => {
        while (busy) await downloadToNowhere(url)
      }
      const transfers = Promise.all([
        publish(server, large, 'large'),
        ...Array.from({ length: 8 }, keepDownloading),
      ])
      const polls = steadyPolls(url, tag, Math.max(seconds, quick ? 1 : 10)).finally(() => (busy = false))
      const [latencies] = await Promise.all([polls, transfers])
      seen.busy.push(latencies)
      await server.stop()
    }
    const of = (which: 'alone' | 'busy', figure: keyof SteadyPolls): number =>
      median(seen[which].map((one) => one[figure]))
    return {
      columns: ['', 'median ms', 'p99 ms', 'worst ms'],
      rows: (['alone', 'busy'] as const).map((which) => [
        which === 'alone' ? 'polls alone' : 'beside one publication and eight downloads',
        of(which, 'median'),
        of(which, 'p99'),
        of(which, 'worst'),
      ]),
      goals: [],
    }
  },
}
