import type { CopiedRows } from '../catalog/sql/copy-catalog.ts'
import { namesStore, openArchives } from './migrate/archive-place.ts'
import { readPlace } from './migrate/catalog-place.ts'
import { copyArchives } from './migrate/copy-archives.ts'
import { openDatabaseSource } from './migrate/database-source.ts'
import { openFolderSource } from './migrate/folder-source.ts'
import { moveCatalog } from './migrate/move-catalog.ts'
import type { MoveSource } from './migrate/move-source.ts'
import { openTarget, type MoveTarget } from './migrate/move-target.ts'
import { refuseSameArchives, refuseSameCatalog } from './migrate/same-place.ts'
import { runTool, type ToolCall } from './run-tool.ts'
import { ToolFailure } from './tool-failure.ts'

const HELP = `Usage: slipway migrate --from PLACE --to PLACE [--json]

Moves a catalog between a data directory and a Postgres database, with everything in it: releases and their numbers, tags
and their history, rollouts, bots, tokens, webhooks, the audit. Each row is compared with what it was copied from; where
one differs, or anything fails, nothing has been moved.

PLACE is a folder, or postgres://user:password@host/database. The words DATA_DIR and DATABASE_URL stand for what these
variables say: a password is then not seen on the command line.

Servers may run on what is moved: they go on with pulls and take no changes meanwhile (503 catalog-unavailable), and none
afterwards, until they are started over what it was moved to. None may run on what is filled. Where the command is
interrupted, run it again: within 15 s changes are taken again where they were, unless all was moved.

What was moved is kept where it was, in a data directory as catalog.sqlite.moved if no server ran, and no server starts on it
by mistake. Archives stay where they are: with STORAGE=filesystem in DATA_DIR/blobs, else in their bucket.

Between a folder and a bucket, or two buckets (s3://bucket/folder, gs://…, azure://…, or the word STORAGE), archives are
copied instead, each hashed on its way, while servers run or not. Run it until it copies nothing, stop the server, run it once
more, and start the server with the new STORAGE. Nothing is deleted.

  --from PLACE  what is moved
  --to PLACE    an empty database, a folder without a catalog, or an empty bucket or folder of it
  --json        print one JSON object

Exit codes: 0 done; 2 wrong usage; 3 the disk, a copy that differs, or a server runs there; 4 done, but some archives were
damaged already; 5 the database or a bucket cannot be reached or used, or servers run over the one that is filled;
10 something is at the target already, or it was moved elsewhere; 1 anything else.
`

await runTool({
  help: HELP,
  options: { from: { type: 'string' }, to: { type: 'string' } },
  async run({ values, env, dataDir, place }) {
    const { from, to } = values
    if (place !== undefined || typeof from !== 'string' || typeof to !== 'string')
      throw new ToolFailure(2, 'Say from where to where: slipway migrate --from DATA_DIR --to DATABASE_URL.')
    if (namesStore(from) || namesStore(to)) return await moveArchives(from, to, env, dataDir)
    const [fromPlace, toPlace] = [readPlace(from, env, dataDir), readPlace(to, env, dataDir)]
    await refuseSameCatalog(fromPlace, toPlace)
    const source =
      'folder' in fromPlace
        ? await openFolderSource(fromPlace.folder)
        : await openDatabaseSource(fromPlace.database)
    try {
      const target = await openTarget(toPlace, source.concludedBefore)
      try {
        const rows = await moveCatalog(source, target)
        return {
          json: {
            from: source.description,
            to: target.description,
            rows: rows ?? null,
            isServed: source.isServed(),
          },
          text: describe(source, target, rows),
        }
      } finally {
        await target.close()
      }
    } finally {
      await source.close()
    }
  },
})

async function moveArchives(from: string, to: string, env: ToolCall['env'], dataDir: string) {
  const source = await openArchives(from, env, dataDir)
  try {
    const target = await openArchives(to, env, dataDir)
    try {
      refuseSameArchives(source, target)
      const done = await copyArchives(source, target)
      const text =
        `${target.description} has the archives of ${source.description}: ${done.copied} copied (${done.bytes} bytes), ` +
        `${done.present} were there\n`
      return {
        json: { from: source.description, to: target.description, ...done },
        text: text + done.damaged.map((key) => `  damaged, and left out: ${key}\n`).join(''),
        exit: done.damaged.length > 0 ? 4 : 0,
      }
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

function describe(source: MoveSource, target: MoveTarget, rows: CopiedRows | undefined): string {
  const all = Object.values(rows ?? {}).reduce((sum, count) => sum + count, 0)
  const what =
    rows === undefined
      ? 'as the move that was interrupted had left it'
      : `${rows['releases'] ?? 0} releases of ${rows['models'] ?? 0} models, ${all} rows in all, each compared`
  const next = source.isServed()
    ? `  What runs there answers pulls and takes no changes: end it, and start it with ${target.settings} instead.\n`
    : ''
  return `${source.description} is now ${target.description}: ${what}\n${next}`
}
