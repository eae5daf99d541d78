import path from 'node:path'
import { ObjectBlobs } from '../blobs/object-blobs.ts'
import { backUpToStore } from './backup/store-backup.ts'
import { takeBackup, type BackupReport } from './backup/take-backup.ts'
import { isStoreUrl, openConfiguredStorage, openStoreUrl } from './configured-storage.ts'
import { runTool, type ToolCall } from './run-tool.ts'
import { ToolFailure } from './tool-failure.ts'

const HELP = `Usage: slipway backup PLACE [--copy] [--verify-all] [--with-blobs] [--json]

Backs up the server of DATA_DIR into PLACE, while it runs or not: a folder, or the URL of a bucket
(s3://bucket/folder, gs://bucket/folder, azure://container/folder). What an earlier backup brought there is used again,
and stays whole until the new one is. A place holds the backups of one server.

Where archives lie in a bucket (STORAGE), the backup holds the catalog and a list of the archives, each of which is
looked for in the bucket; --with-blobs brings them along.

  --copy        copy archives; without it they are hard links where a folder is on the same volume
  --verify-all  hash also what is in the folder already
  --with-blobs  with STORAGE=aws, gcs or azure: copy the archives too
  --json        print one JSON object

Exit codes: 0 done; 2 wrong usage; 3 the disk, or another backup runs; 4 done, but some archives were damaged or
missing already; 5 a bucket does not answer; 1 anything else.
`

await runTool({
  help: HELP,
  options: {
    copy: { type: 'boolean' },
    'verify-all': { type: 'boolean' },
    'with-blobs': { type: 'boolean' },
  },
  async run(call) {
    if (call.place === undefined)
      throw new ToolFailure(2, 'Name a folder or the URL of a bucket (--help shows how).')
    const place = isStoreUrl(call.place) ? call.place : path.resolve(call.place)
    const report = await backUp(call, place)
    const lost = report.lost.map((digest) => `  lost already: ${digest}\n`).join('')
    const text =
      `${place}: the server of ${call.dataDir}, ${report.blobs} archives (${report.added} new), ` +
      `${report.bytes} bytes, as of ${report.takenAt}\n`
    return {
      json: { folder: place, dataDir: call.dataDir, ...report },
      text: text + lost,
      exit: report.lost.length > 0 ? 4 : 0,
    }
  },
})

async function backUp({ dataDir, flags, env }: ToolCall, place: string): Promise<BackupReport> {
  const storage = await openConfiguredStorage(env, dataDir)
  const blobs = new ObjectBlobs(storage.store, () => Promise.resolve(undefined))
  const bring = flags.has('with-blobs')
  try {
    if (isStoreUrl(place)) {
      const target = await openStoreUrl(place, env, path.join(dataDir, 'spool-backup'))
      const copyBlobs = storage.kind === 'files' || bring
      const catalogFile = path.join(dataDir, 'catalog.sqlite')
      return await backUpToStore({
        ...{ catalogFile, scratch: dataDir, target, prefix: '', blobs, copyBlobs, now: Date.now() },
      })
    }
    return await takeBackup({
      ...{
        dataDir,
        folder: place,
        copy: flags.has('copy'),
        verifyAll: flags.has('verify-all'),
        now: Date.now(),
      },
      archives: storage.kind === 'files' ? { kind: 'files', dataDir } : { kind: 'bucket', blobs, bring },
    })
  } finally {
    await blobs.close()
  }
}
