import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { ObjectBlobs } from '../blobs/object-blobs.ts'
import { keepBlobs } from '../catalog/postgres/keep-blobs.ts'
import { describeDatabase, type PostgresSettings } from '../catalog/postgres/postgres-settings.ts'
import { catalogSource } from './backup/catalog-source.ts'
import { describeLost } from './backup/describe-lost.ts'
import { backUpToStore } from './backup/store-backup.ts'
import { takeBackup, type BackupReport } from './backup/take-backup.ts'
import { isStoreUrl, openConfiguredStorage, openStoreUrl } from './configured-storage.ts'
import { configuredDatabase, databaseFailure } from './database-failure.ts'
import { runTool, type ToolCall } from './run-tool.ts'
import { ToolFailure } from './tool-failure.ts'

const HELP = `Usage: slipway backup PLACE [--copy] [--verify-all] [--with-blobs] [--json]

Backs up the server of DATA_DIR into PLACE, while it runs or not: a folder, or the URL of a bucket
(s3://bucket/folder, gs://bucket/folder, azure://container/folder). What an earlier backup brought there is used again,
and stays whole until the new one is. A place holds the backups of one server.

Where the catalog is in the database of DATABASE_URL, that is backed up, while servers run over it or not. The backup is the
same as one of DATA_DIR: either can be restored from it.

Where archives lie in a bucket (STORAGE), the backup holds the catalog and a list of the archives, each of which is
looked for in the bucket; --with-blobs brings them along.

  --copy        copy archives; without it they are hard links where a folder is on the same volume
  --verify-all  hash also what is in the folder already
  --with-blobs  with STORAGE=aws, gcs or azure: copy the archives too
  --json        print one JSON object

Exit codes: 0 done; 2 wrong usage; 3 the disk, a copy that differs, or another backup runs; 4 done, but some archives were damaged or
missing already; 5 a bucket or the database does not answer; 1 anything else.
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
    const database = configuredDatabase(call.env)
    const of = database === undefined ? call.dataDir : describeDatabase(database)
    const text =
      `${place}: the server of ${of}, ${report.blobs} archives (${report.added} new), ` +
      `${report.bytes} bytes, as of ${report.takenAt}\n`
    return {
      json: { folder: place, dataDir: database === undefined ? call.dataDir : null, ...report },
      text: text + describeLost(report.lost),
      exit: report.lost.length > 0 ? 4 : 0,
    }
  },
})

async function backUp(call: ToolCall, place: string): Promise<BackupReport> {
  const { dataDir, env } = call
  const database = configuredDatabase(env)
  if (database === undefined) return await collect(call, place, undefined)
  const self = { holder: randomUUID(), place: '', host: `${hostname()}, slipway backup` }
  try {
    if (isStoreUrl(place)) await mkdir(dataDir, { recursive: true })
    return await keepBlobs(database, self, (signal) => collect(call, place, { database, signal }))
  } catch (error) {
    throw databaseFailure(database, error)
  }
}

async function collect(
  { dataDir, flags, env }: ToolCall,
  place: string,
  inDatabase: { database: PostgresSettings; signal: AbortSignal } | undefined,
): Promise<BackupReport> {
  const storage = await openConfiguredStorage(env, dataDir)
  const blobs = new ObjectBlobs(storage.store, () => Promise.resolve(undefined))
  const bring = flags.has('with-blobs')
  const catalog = catalogSource(dataDir, inDatabase?.database)
  const signal = inDatabase === undefined ? {} : { signal: inDatabase.signal }
  try {
    if (isStoreUrl(place)) {
      const target = await openStoreUrl(place, env, path.join(dataDir, 'spool-backup'))
      const copyBlobs = storage.kind === 'files' || bring
      return await backUpToStore({
        catalog,
        scratch: dataDir,
        target,
        prefix: '',
        blobs,
        copyBlobs,
        now: Date.now(),
        ...signal,
      })
    }
    return await takeBackup({
      dataDir,
      folder: place,
      catalog,
      now: Date.now(),
      ...signal,
      copy: flags.has('copy'),
      verifyAll: flags.has('verify-all'),
      archives: storage.kind === 'files' ? { kind: 'files', dataDir } : { kind: 'bucket', blobs, bring },
    })
  } finally {
    await blobs.close()
  }
}
