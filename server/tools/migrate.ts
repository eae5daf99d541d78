import { copyTables, type CopiedRows } from '../catalog/sql/copy-catalog.ts'
import { openSource, openTarget, readPlace, type CatalogAt } from './migrate/catalog-at.ts'
import { runTool } from './run-tool.ts'
import { ToolFailure } from './tool-failure.ts'

const HELP = `Usage: slipway migrate --from PLACE --to PLACE [--json]

Moves a catalog between a data directory and a Postgres database, with everything in it: releases and their numbers, tags
and their history, rollouts, bots, tokens, webhooks, the audit. Each row is compared with what it was copied from; where
one differs, or anything fails, nothing has been moved.

PLACE is a folder, or postgres://user:password@host/database. The words DATA_DIR and DATABASE_URL stand for what these
variables say: a password is then not seen on the command line. No server may run on either of them.

A data directory that was moved keeps its file as catalog.sqlite.moved, and no server starts on it by mistake. Archives
stay where they are: with STORAGE=filesystem in DATA_DIR/blobs, else in their bucket.

  --from PLACE  what is moved
  --to PLACE    an empty database, or a folder without a catalog
  --json        print one JSON object

Exit codes: 0 done; 2 wrong usage; 3 the disk, or a server runs there; 5 the database cannot be reached or used; 10 there is a
catalog at the target already; 1 anything else.
`

await runTool({
  help: HELP,
  options: { from: { type: 'string' }, to: { type: 'string' } },
  async run({ values, env, dataDir, place }) {
    const { from, to } = values
    if (place !== undefined || typeof from !== 'string' || typeof to !== 'string')
      throw new ToolFailure(2, 'Say from where to where: slipway migrate --from DATA_DIR --to DATABASE_URL.')
    const [fromPlace, toPlace] = [readPlace(from, env, dataDir), readPlace(to, env, dataDir)]
    const source = await openSource(fromPlace)
    try {
      const target = await openTarget(toPlace)
      try {
        const rows = await move(source, target)
        return {
          json: { from: source.description, to: target.description, rows },
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

async function move(source: CatalogAt, target: CatalogAt): Promise<CopiedRows> {
  const copied = await copyTables(source.tables, target.tables)
  await target.finish()
  await source.finish()
  return copied
}

function describe(source: CatalogAt, target: CatalogAt, rows: CopiedRows): string {
  const all = Object.values(rows).reduce((sum, count) => sum + count, 0)
  return (
    `${source.description} is now ${target.description}: ${rows['releases'] ?? 0} releases of ${rows['models'] ?? 0} models, ` +
    `${all} rows in all, each compared\n`
  )
}
