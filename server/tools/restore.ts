import path from 'node:path'
import { describeDatabase } from '../catalog/postgres/postgres-settings.ts'
import { BACKUPS_PREFIX, readStoreManifest } from './backup/store-backup.ts'
import {
  isStoreUrl,
  openConfiguredStorage,
  openStoreUrl,
  type ConfiguredStorage,
} from './configured-storage.ts'
import { configuredDatabase } from './database-failure.ts'
import { folderBackup, storeBackup, type BackupReader } from './restore/backup-reader.ts'
import { restoreBackup, type RestoreReport } from './restore/restore-backup.ts'
import type { RestoredTokens } from './restore/revoke-ended-tokens.ts'
import { runTool, type ToolCall } from './run-tool.ts'
import { ToolFailure } from './tool-failure.ts'

const HELP = `Usage: slipway restore [PLACE] [--replace] [--from-records] [--revoke-tokens] [--json]

Restores the backup in PLACE into the data directory (DATA_DIR), whose server must be stopped. PLACE is a folder, or the
URL of a bucket (s3://bucket/folder, gs://bucket/folder, azure://container/folder). Everything is looked at before
anything is changed.

With DATABASE_URL the catalog is restored into that database, in one transaction; no server may run over it. Backups of a
database and of a data directory are the same: either is restored into either.

Where archives lie in a bucket (STORAGE), PLACE may be left out: the backup that the server keeps in that bucket is
restored, and brought up to the last release and the last move of a tag by the records beside it. Where the bucket has no
backup, or with --from-records, the catalog is made from the records alone: releases and tags, without the history of
tags.

  --replace       take the place of the catalog that is there, which is set aside (that of a database in a file in DATA_DIR)
  --from-records  read no backup
  --revoke-tokens revoke every token of the backup; make new ones with slipway token create NAME --admin
  --json          print one JSON object

Tokens that were revoked since the backup stay revoked, as far as DATA_DIR knows of them (its catalog, or tokens.json). On a new
machine nothing does: the command names those that are good again then.

The numbers of releases go on well above those of the backup, so that none that was given out since comes twice.

Exit codes: 0 done; 2 wrong usage; 3 the disk, a copy that differs, or the data directory is in use; 4 the backup is damaged or not whole;
5 a bucket or the database does not answer, or servers run over the database; 1 anything else.
`

await runTool({
  help: HELP,
  options: {
    replace: { type: 'boolean' },
    'from-records': { type: 'boolean' },
    'revoke-tokens': { type: 'boolean' },
  },
  async run(call) {
    const { dataDir, env, flags } = call
    const database = configuredDatabase(env)
    const storage = await openConfiguredStorage(env, dataDir)
    try {
      const backup = await chooseBackup(call, storage)
      const report = await restoreBackup({
        dataDir,
        database,
        storage,
        replace: flags.has('replace'),
        now: Date.now(),
        revokesTokens: flags.has('revoke-tokens'),
        ...(backup === undefined ? {} : { backup }),
      })
      const where = database === undefined ? dataDir : describeDatabase(database)
      return {
        json: { dataDir: database === undefined ? dataDir : null, ...report },
        text: describe(where, report),
      }
    } finally {
      await storage.store.close()
    }
  },
})

/** @returns undefined where the catalog is to be made from records. */
async function chooseBackup(
  { place, dataDir, env, flags }: ToolCall,
  { kind, store }: ConfiguredStorage,
): Promise<BackupReader | undefined> {
  const fromRecords = flags.has('from-records')
  if (place !== undefined) {
    if (fromRecords) throw new ToolFailure(2, '--from-records reads no backup: leave out the place.')
    if (!isStoreUrl(place)) return folderBackup(path.resolve(place))
    return storeBackup(await openStoreUrl(place, env, path.join(dataDir, 'spool-backup')), '')
  }
  if (kind === 'files')
    throw new ToolFailure(
      2,
      'Name the place of the backup; only with STORAGE=aws, gcs or azure it may be left out.',
    )
  if (fromRecords || (await readStoreManifest(store, BACKUPS_PREFIX)) === undefined) return undefined
  return storeBackup(store, BACKUPS_PREFIX)
}

function describe(where: string, report: RestoreReport): string {
  const { takenAt, blobs, numbers, lost, replayed, setAside, tokens } = report
  const from =
    takenAt === null ? 'made from the records in the bucket' : `${blobs} archives restored, as of ${takenAt}`
  const since =
    replayed.releases + replayed.tags === 0
      ? []
      : [
          `  ${replayed.releases} releases and ${replayed.tags} moves of tags came from the records in the bucket`,
        ]
  return `${[
    `${where}: ${from}`,
    ...since,
    ...numbers.map(
      ({ model, from: would, to }) => `  ${model} goes on with release ${to} (it would have been ${would})`,
    ),
    ...lost.map((digest) => `  lost: ${digest}`),
    ...describeTokens(tokens),
    ...(setAside === null ? [] : [`  the catalog before is now ${setAside}`]),
  ].join('\n')}\n`
}

function describeTokens({ revoked, unsure, gone }: RestoredTokens): string[] {
  return [
    ...(revoked.length === 0 ? [] : [`  tokens that are revoked again: ${revoked.join(', ')}`]),
    ...(gone.length === 0
      ? []
      : [
          `  WARNING: tokens made since the backup open nothing any more; make them again: ${gone.join(', ')}`,
        ]),
    ...(unsure.length === 0
      ? []
      : [
          '  WARNING: these tokens are good as the backup has them, also where they were revoked since. Revoke what shall not be ' +
            `(slipway token revoke NAME), or restore with --revoke-tokens: ${unsure.join(', ')}`,
        ]),
  ]
}
