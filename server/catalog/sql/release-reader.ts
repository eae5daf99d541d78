import type { ReleaseReader } from '../releases.ts'
import type { CatalogDb } from './catalog-tables.ts'
import { listsOf, releaseSummaryOf } from './rows.ts'

/** Answers the questions about releases in SQL. */
export function releaseReader(db: CatalogDb): ReleaseReader {
  const reader: ReleaseReader = {
    async findRelease(model, number) {
      const row = await db
        .selectFrom('releases')
        .leftJoin('release_facts', (join) =>
          join
            .onRef('release_facts.model', '=', 'releases.model')
            .onRef('release_facts.number', '=', 'releases.number'),
        )
        .selectAll('releases')
        .select('release_facts.facts')
        .where('releases.model', '=', model)
        .where('releases.number', '=', number)
        .executeTakeFirst()
      if (row === undefined) return undefined
      const summary = releaseSummaryOf(row)
      return { ...summary, archive: { ...summary.archive, ...listsOf(row) } }
    },

    async findReleaseSummary(model, number) {
      const row = await db
        .selectFrom('releases')
        .selectAll()
        .where('model', '=', model)
        .where('number', '=', number)
        .executeTakeFirst()
      return row && releaseSummaryOf(row)
    },

    async highestRelease(model) {
      const [release] = await reader.listReleases(model, { limit: 1 })
      return release
    },

    async listReleases(model, { limit, cursor }) {
      const rows = await db
        .selectFrom('releases')
        .selectAll()
        .where('model', '=', model)
        .$if(cursor !== undefined, (query) => query.where('number', '<', cursor ?? 0))
        .orderBy('number', 'desc')
        .limit(limit)
        .execute()
      return rows.map(releaseSummaryOf)
    },

    async listReleaseOutlines(model, { limit, cursor }) {
      return await db
        .selectFrom('releases')
        .select(['number', 'digest', 'size', 'published_at as publishedAt'])
        .where('model', '=', model)
        .$if(cursor !== undefined, (query) => query.where('number', '<', cursor ?? 0))
        .orderBy('number', 'desc')
        .limit(limit)
        .execute()
    },

    async listServedReleases(model, { limit, cursor }) {
      return await db
        .selectFrom('releases')
        .select(['number', 'digest', 'size', 'filename'])
        .where('model', '=', model)
        .$if(cursor !== undefined, (query) => query.where('number', '<', cursor ?? 0))
        .orderBy('number', 'desc')
        .limit(limit)
        .execute()
    },

    async countReleases(model) {
      const { count } = await db
        .selectFrom('releases')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('model', '=', model)
        .executeTakeFirstOrThrow()
      return count
    },

    async archiveBytes(model, without = '') {
      const archives = db
        .selectFrom('releases')
        .select(['digest', 'size'])
        .distinct()
        .where('model', '=', model)
        .where('digest', '!=', without)
      const { bytes } = await db
        .selectFrom(archives.as('archives'))
        .select(({ fn }) => fn.sum<number | string | null>('size').as('bytes'))
        .executeTakeFirstOrThrow()
      // Postgres adds up to a numeric, which comes as text.
      return Number(bytes ?? 0)
    },

    async findBundle(model, number) {
      const row = await db
        .selectFrom('release_bundles')
        .select('bundle')
        .where('model', '=', model)
        .where('number', '=', number)
        .executeTakeFirst()
      return row?.bundle
    },

    async everHadDigest(model, digest) {
      const row = await db
        .selectFrom('released_digests')
        .select('digest')
        .where('model', '=', model)
        .where('digest', '=', digest)
        .executeTakeFirst()
      return row !== undefined
    },
  }
  return reader
}
