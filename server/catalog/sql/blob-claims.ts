import { sql, type RawBuilder } from 'kysely'
import type { BlobClaimReader, BlobClaimWriter } from '../blobs.ts'
import type { CatalogDb } from './catalog-tables.ts'
import { inParts } from '../in-parts.ts'
import { SQLITE_NOW } from './sqlite-clock.ts'

/** What databases say in words of their own. */
export interface ClaimDialect {
  /** Milliseconds since 1970, by the clock of the database. */
  readonly now: RawBuilder<number>
  /** Whether a row that is read to be changed must be locked. */
  readonly locksRows: boolean
}

const SQLITE: ClaimDialect = { now: SQLITE_NOW, locksRows: false }

/** The lease of a backup that collects blobs. */
export const BACKUP_LEASE = 'backup'

export function blobClaimReader(db: CatalogDb): BlobClaimReader {
  return {
    async listRetiredBlobs(limit) {
      return await db
        .selectFrom('doomed_blobs')
        .select(['digest', 'generation'])
        .orderBy('digest')
        .orderBy('generation')
        .limit(limit)
        .execute()
    },
  }
}

/** Changes claims of blobs in SQL, inside the transaction that it is given. */
export function blobClaimWriter(db: CatalogDb, dialect: ClaimDialect = SQLITE): BlobClaimWriter {
  return {
    async claimBlob(digest, milliseconds) {
      await claimAll(db, dialect, [digest], milliseconds)
      return (await lockClaim(db, dialect, digest)).generation
    },

    async claimUnusedBlobs(digests, milliseconds) {
      for (const part of inParts(digests)) {
        const unused = await db
          .selectFrom('unused_blobs')
          .select('digest')
          .where('digest', 'in', part)
          // Two servers that claim the same ones must not wait for each other.
          .orderBy('digest')
          .execute()
        if (unused.length > 0)
          await claimAll(
            db,
            dialect,
            unused.map(({ digest }) => digest),
            milliseconds,
          )
      }
    },

    async holdBlob(digest, generation) {
      return (await lockClaim(db, dialect, digest)).generation === generation
    },

    async retireBlob(digest, due) {
      const { generation, ...claimed } = await lockClaim(db, dialect, digest)
      const released = await db
        .selectFrom('releases')
        .select('digest')
        .where('digest', '=', digest)
        .limit(1)
        .executeTakeFirst()
      if (released !== undefined) return 'used'
      const unused = await db
        .selectFrom('unused_blobs')
        .select('since')
        .where('digest', '=', digest)
        .where('since', '<', due)
        .executeTakeFirst()
      if (unused === undefined || claimed.claimed_until >= claimed.now) return 'busy'
      const backup = await db
        .selectFrom('leases')
        .select('until')
        .where('name', '=', BACKUP_LEASE)
        .where('until', '>=', dialect.now)
        .executeTakeFirst()
      if (backup !== undefined) return 'busy'
      await db.insertInto('doomed_blobs').values({ digest, generation }).execute()
      await db
        .updateTable('blob_claims')
        .set({ generation: generation + 1 })
        .where('digest', '=', digest)
        .execute()
      return { digest, generation }
    },

    async forgetRetiredBlob(digest, generation) {
      await db
        .deleteFrom('doomed_blobs')
        .where('digest', '=', digest)
        .where('generation', '=', generation)
        .execute()
    },
  }
}

/** The claim of a blob, made where there was none, which no other transaction changes until this one ends. */
async function lockClaim(
  db: CatalogDb,
  { now, locksRows }: ClaimDialect,
  digest: string,
): Promise<{ generation: number; claimed_until: number; now: number }> {
  await db
    .insertInto('blob_claims')
    .values({ digest, generation: 0, claimed_until: 0 })
    .onConflict((conflict) => conflict.column('digest').doNothing())
    .execute()
  return await db
    .selectFrom('blob_claims')
    .select(['generation', 'claimed_until', now.as('now')])
    .where('digest', '=', digest)
    .$if(locksRows, (query) => query.forUpdate())
    .executeTakeFirstOrThrow()
}

async function claimAll(
  db: CatalogDb,
  { now }: ClaimDialect,
  digests: readonly string[],
  milliseconds: number,
): Promise<void> {
  const claimed_until = sql<number>`${now} + ${sql.lit(milliseconds)}`
  await db
    .insertInto('blob_claims')
    .values(digests.map((digest) => ({ digest, generation: 0, claimed_until })))
    .onConflict((conflict) => conflict.column('digest').doUpdateSet({ claimed_until }))
    .execute()
}
