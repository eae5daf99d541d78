import type { DamagedBlob } from '../../coordination/known-damage.ts'
import type { Digest } from '../../releases/release.ts'
import type { BlobClaimReader, BlobClaimWriter, BlobReader, BlobWriter } from '../blobs.ts'
import type { CatalogDb } from './catalog-tables.ts'
import { inParts } from '../in-parts.ts'

/** Answers the questions about blobs in SQL. */
export function blobReader(db: CatalogDb): Omit<BlobReader, keyof BlobClaimReader> {
  const reader: Omit<BlobReader, keyof BlobClaimReader> = {
    async listDigests({ limit, cursor }) {
      return await db
        .selectFrom('releases')
        .select(({ fn }) => ['digest', fn.min('size').as('size')])
        .$if(cursor !== undefined, (query) => query.where('digest', '>', cursor ?? ''))
        .groupBy('digest')
        .orderBy('digest')
        .limit(limit)
        .execute()
    },

    async measureDigests(after = '') {
      const distinct = db
        .selectFrom('releases')
        .select(({ fn }) => ['digest', fn.min('size').as('size')])
        .where('digest', '>', after)
        .groupBy('digest')
        .as('distinct_digests')
      const { blobs, bytes } = await db
        .selectFrom(distinct)
        .select(({ fn }) => [fn.countAll<number>().as('blobs'), fn.sum<number | null>('size').as('bytes')])
        .executeTakeFirstOrThrow()
      return { blobs, bytes: bytes ?? 0 }
    },

    async isDigestReleased(digest) {
      return (await reader.digestSize(digest)) !== undefined
    },

    async releasedAmong(digests) {
      const released = new Set<Digest>()
      for (const part of inParts(digests)) {
        const rows = await db
          .selectFrom('releases')
          .select('digest')
          .distinct()
          .where('digest', 'in', part)
          .execute()
        for (const { digest } of rows) released.add(digest)
      }
      return released
    },

    async digestSize(digest) {
      const row = await db
        .selectFrom('releases')
        .select('size')
        .where('digest', '=', digest)
        .limit(1)
        .executeTakeFirst()
      return row?.size
    },

    async listDamagedBlobs() {
      const rows = await db
        .selectFrom('damaged_blobs')
        .select(['digest', 'kind', 'version', 'damaged_at as damagedAt'])
        .orderBy('digest')
        .execute()
      return rows.map(({ kind, ...row }) => ({ ...row, kind: kind as DamagedBlob['kind'] }))
    },

    async listUnusedBlobs(noted, limit) {
      const rows = await db
        .selectFrom('unused_blobs')
        .select('digest')
        .where('since', '<', noted)
        .orderBy('digest')
        .limit(limit)
        .execute()
      return rows.map(({ digest }) => digest)
    },
  }
  return reader
}

/** Changes what is known of blobs in SQL, inside the transaction that it is given. */
export function blobWriter(db: CatalogDb): Omit<BlobWriter, keyof BlobClaimWriter> {
  return {
    async rememberDamagedBlob({ digest, kind, version, damagedAt }) {
      const rest = { kind, version, damaged_at: damagedAt }
      await db
        .insertInto('damaged_blobs')
        .values({ digest, ...rest })
        .onConflict((conflict) => conflict.column('digest').doUpdateSet(rest))
        .execute()
    },

    async forgetDamagedBlob(digest) {
      await db.deleteFrom('damaged_blobs').where('digest', '=', digest).execute()
    },

    async noteUnusedBlobs(digests, since) {
      for (const part of inParts(digests)) {
        await db
          .insertInto('unused_blobs')
          .values(part.map((digest) => ({ digest, since })))
          .onConflict((conflict) => conflict.column('digest').doNothing())
          .execute()
      }
    },

    async forgetUnusedBlobs(digests) {
      for (const part of inParts(digests)) {
        await db.deleteFrom('unused_blobs').where('digest', 'in', part).execute()
      }
    },
  }
}
