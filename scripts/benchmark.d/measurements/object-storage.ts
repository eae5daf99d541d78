import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { mkdir, rm, stat } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { alternate, type Figures } from '../alternate.ts'
import { writeArchive } from '../archives.ts'
import { measureLoad } from '../load.ts'
import type { Goal, Measurement } from '../measurement.ts'
import { median } from '../median.ts'
import { residentMegabytes, usageDuring } from '../process-usage.ts'
import { publish, startSlipway } from '../slipway.ts'
import { startS3 } from '../versitygw.ts'

type Row = (string | number)[]

export const objectStorage: Measurement = {
  name: 'object-storage',
  title: 'Archives in S3',
  method:
    'versitygw runs beside the server. Warm: wrk downloads an archive of 200 MB from a server that stores it in S3 and has ' +
    'pulled it once, and from one that stores it in a file. Cold: one client writes the archive to a file, from a server ' +
    'that was started anew without its local copies, and from S3 by the SDK alone. Memory is the most (RSS) that the ' +
    'server holds while the archive is published and pulled cold, less what it held two seconds after its start.',
  run: async ({ folder, rounds, seconds, quick }) => {
    const file = await writeArchive(folder, quick ? 50 : 200)
    const env = await startS3(folder)
    const filesFolder = path.join(folder, 'in-files')
    const s3Folder = path.join(folder, 'in-s3')

    const inFiles = await startSlipway(filesFolder)
    let inS3 = await startSlipway(s3Folder, env)
    await pause(2000)
    const idle = residentMegabytes(inS3.pid)
    const publishing = await usageDuring(inS3.pid, () => publish(inS3, file))
    await publish(inFiles, file)

    const servers = { 'in S3, warm': inS3, 'in a file': inFiles }
    for (const { url } of Object.values(servers)) await (await fetch(`${url}/models/default`)).bytes()
    const rows: Row[] = []
    const goals: Goal[] = []
    for (const connections of [1, 8]) {
      const load = (which: keyof typeof servers) => () =>
        measureLoad(servers[which].pid, { url: `${servers[which].url}/models/default`, connections, seconds })
      const warm = await alternate(rounds, {
        'in S3, warm': load('in S3, warm'),
        'in a file': load('in a file'),
      })
      for (const which of ['in S3, warm', 'in a file'] as const) {
        rows.push([`warm × ${connections}`, which, warm.of(which, 'bytesPerSecond') / 1e6])
      }
      const figure = warm.ratio('bytesPerSecond', 'in S3, warm', 'in a file')
      goals.push({ what: `S3 through the cache against a file, × ${connections}`, wanted: 0.9, figure })
    }
    await inFiles.stop()

    const peaks: number[] = []
    const { size } = await stat(file)
    const to = path.join(folder, 'pulled')
    const slipway = async (): Promise<Figures> => {
      await inS3.stop()
      await rm(path.join(s3Folder, 'data/cache'), { recursive: true })
      await mkdir(path.join(s3Folder, 'data/cache'))
      inS3 = await startSlipway(s3Folder, env)
      await pause(2000)
      const before = residentMegabytes(inS3.pid)
      const started = performance.now()
      const { peakMegabytes } = await usageDuring(inS3.pid, () => download(`${inS3.url}/models/default`, to))
      peaks.push(peakMegabytes - before)
      return { bytesPerSecond: (size / (performance.now() - started)) * 1000 }
    }
    const sdk = async (): Promise<Figures> => {
      const started = performance.now()
      await downloadBySdk(env, to)
      return { bytesPerSecond: (size / (performance.now() - started)) * 1000 }
    }
    await sdk()
    const cold = await alternate(rounds, { slipway, sdk })
    rows.push(['cold × 1', 'in S3, cold', cold.of('slipway', 'bytesPerSecond') / 1e6])
    rows.push(['cold × 1', 'the SDK alone', cold.of('sdk', 'bytesPerSecond') / 1e6])
    goals.push({
      what: 'a cold pull from S3 against the SDK alone',
      wanted: 0.8,
      figure: cold.ratio('bytesPerSecond', 'slipway', 'sdk'),
    })
    for (const [what, figure] of [
      ['publishing to S3', publishing.peakMegabytes - idle],
      ['a cold pull from S3', median(peaks)],
    ] as const) {
      goals.push({ what: `MB grown by ${what}`, wanted: 60, figure, atMost: true })
    }
    return { columns: ['archive × connections', 'where', 'MB/s'], rows, goals }
  },
}

/** By the same means as the SDK. */
async function download(url: string, to: string): Promise<void> {
  const [answer] = (await once(get(url), 'response')) as [IncomingMessage]
  if (answer.statusCode !== 200) throw new Error(`the archive was answered ${answer.statusCode}`)
  await pipeline(answer, createWriteStream(to))
}

async function downloadBySdk(env: Record<string, string>, to: string): Promise<void> {
  const client = new S3Client({
    endpoint: env['AWS_ENDPOINT_URL'] ?? '',
    region: env['AWS_DEFAULT_REGION'] ?? '',
    forcePathStyle: true,
    credentials: {
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  })
  const Bucket = env['BUCKET_NAME'] ?? ''
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'sha256/' }))
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: Contents[0]?.Key ?? '' }))
  if (!(Body instanceof Readable)) throw new Error('S3 gave no body')
  await pipeline(Body, createWriteStream(to))
  client.destroy()
}
