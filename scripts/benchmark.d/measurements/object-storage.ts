import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { mkdir, rm, stat } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { alternate, type Compared, type Figures } from '../alternate.ts'
import { withOtherDigest, writeArchive } from '../archives.ts'
import { transferByBoto3 } from '../boto3.ts'
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
    'that was started anew without its local copies, and by boto3 from S3 (download_file, parts in parallel, as it is by ' +
    'default). Publishing: the archive is published from a file, and put into S3 by boto3 (upload_file). Memory is the most (RSS) that the ' +
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

    const compare = (
      how: string,
      where: string,
      what: string,
      taken: Compared<'slipway' | 'boto3'>,
    ): void => {
      rows.push([how, where, taken.of('slipway', 'bytesPerSecond') / 1e6])
      rows.push([how, 'boto3', taken.of('boto3', 'bytesPerSecond') / 1e6])
      const figure = taken.ratio('bytesPerSecond', 'slipway', 'boto3')
      const inCpuTime = taken.ratio('bytesPerCpuSecond', 'slipway', 'boto3')
      goals.push({ what, wanted: 0.9, figure, inCpuTime })
    }
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
      const used = await usageDuring(inS3.pid, () => download(`${inS3.url}/models/default`, to))
      peaks.push(used.peakMegabytes - before)
      return perSecond(size, { seconds: (performance.now() - started) / 1000, cpuSeconds: used.cpuSeconds })
    }
    const key = await storedKey(env)
    const boto3 = async (): Promise<Figures> =>
      perSecond(size, await transferByBoto3({ how: 'download', key, file: to, env }))
    await boto3()
    const cold = await alternate(rounds, { slipway, boto3 })
    compare('cold × 1', 'in S3, cold', 'a cold pull from S3 against boto3', cold)
    let round = 0
    const published = await alternate(rounds, {
      slipway: async () => {
        const other = await withOtherDigest(file, (round += 1))
        const started = performance.now()
        const { cpuSeconds } = await usageDuring(inS3.pid, () => publish(inS3, other))
        return perSecond(size, { seconds: (performance.now() - started) / 1000, cpuSeconds })
      },
      boto3: async () =>
        perSecond(size, await transferByBoto3({ how: 'upload', key: `boto3/${round}`, file, env })),
    })
    compare('published × 1', 'in S3', 'a publish to S3 against boto3', published)
    for (const [what, figure] of [
      ['publishing to S3', publishing.peakMegabytes - idle],
      ['a cold pull from S3', median(peaks)],
    ] as const) {
      goals.push({ what: `MB grown by ${what}`, wanted: 60, figure, atMost: true })
    }
    return { columns: ['archive × connections', 'where', 'MB/s'], rows, goals }
  },
}

function perSecond(size: number, taken: { seconds: number; cpuSeconds: number }): Figures {
  return { bytesPerSecond: size / taken.seconds, bytesPerCpuSecond: size / taken.cpuSeconds }
}

async function download(url: string, to: string): Promise<void> {
  const [answer] = (await once(get(url), 'response')) as [IncomingMessage]
  if (answer.statusCode !== 200) throw new Error(`the archive was answered ${answer.statusCode}`)
  await pipeline(answer, createWriteStream(to))
}

async function storedKey(env: Record<string, string>): Promise<string> {
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
  client.destroy()
  return Contents[0]?.Key ?? ''
}
