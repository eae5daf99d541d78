import { sql } from 'kysely'
import type { SightingReader, SightingWriter } from '../sightings.ts'
import { blobReader } from './blobs.ts'
import type { CatalogDb, SightingRow } from './catalog-tables.ts'
import { inParts } from './in-parts.ts'

/** Answers the questions about sightings in SQL. */
export function sightingReader(db: CatalogDb): SightingReader {
  return {
    async listLastSeen(since) {
      const rows = await db
        .selectFrom('sightings')
        .select(({ fn }) => ['digest', fn.max('last_seen').as('lastSeen')])
        .where('last_seen', '>=', since)
        .groupBy('digest')
        .execute()
      return new Map(rows.map(({ digest, lastSeen }) => [digest, lastSeen]))
    },

    async listSightings(limit) {
      return await db
        .selectFrom('sightings')
        .select(['process', 'digest', 'model', 'last_seen as lastSeen'])
        .orderBy('last_seen', 'desc')
        .orderBy('digest')
        .orderBy('process')
        .limit(limit)
        .execute()
    },
  }
}

/** Changes sightings in SQL, inside the transaction that it is given. */
export function sightingWriter(db: CatalogDb): SightingWriter {
  return {
    async recordSightings(sightings, mostProcesses) {
      const digests = [...new Set(sightings.map(({ digest }) => digest))]
      const released = await blobReader(db).releasedAmong(digests)
      const rows = sightings
        .filter(({ digest }) => released.has(digest))
        .map(({ process, digest, model, lastSeen }) => ({ process, digest, model, last_seen: lastSeen }))
      for (const part of inParts(rows)) await keepLatest(db, part)
      for (const part of inParts([...released])) await dropSurplus(db, part, mostProcesses)
    },

    async forgetSightings(before) {
      await db.deleteFrom('sightings').where('last_seen', '<', before).execute()
    },
  }
}

async function keepLatest(db: CatalogDb, rows: readonly SightingRow[]): Promise<void> {
  await db
    .insertInto('sightings')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['digest', 'process'])
        .doUpdateSet((eb) => ({
          model: eb.ref('excluded.model'),
          last_seen: eb.ref('excluded.last_seen'),
        }))
        .whereRef('excluded.last_seen', '>', 'sightings.last_seen'),
    )
    .execute()
}

async function dropSurplus(db: CatalogDb, digests: readonly string[], mostProcesses: number): Promise<void> {
  await sql`delete from sightings where (digest, process) in (
    select digest, process from (
      select digest, process,
        row_number() over (partition by digest order by last_seen desc, process) as position
      from sightings where digest in (${sql.join(digests)})
    ) as ranked where position > ${mostProcesses}
  )`.execute(db)
}
