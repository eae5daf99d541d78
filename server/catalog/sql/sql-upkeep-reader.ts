import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { PageOf } from '../page-of.ts'
import type { Instant } from '../../time/clock.ts'
import type { DamagedBlob } from '../../blobs/damaged-blobs.ts'
import type { Digest } from '../../releases/release.ts'
import type { Sighting } from '../../fleet/sightings.ts'
import type { TagExport } from '../../exporting/tag-export.ts'
import type { BlobOutline, ReleaseOutline, TaskProgress, UpkeepReader } from '../upkeep-catalog.ts'
import type { CatalogTables } from './catalog-tables.ts'

/** Answers the questions of {@link UpkeepReader} in SQL. */
export class SqlUpkeepReader implements UpkeepReader {
  protected readonly db: Kysely<CatalogTables>

  constructor(db: Kysely<CatalogTables>) {
    this.db = db
  }

  async listReleaseOutlines(model: string, { limit, before }: PageOf<number>): Promise<ReleaseOutline[]> {
    return await this.db
      .selectFrom('releases')
      .select(['number', 'digest', 'size', 'published_at as publishedAt'])
      .where('model', '=', model)
      .$if(before !== undefined, (query) => query.where('number', '<', before ?? 0))
      .orderBy('number', 'desc')
      .limit(limit)
      .execute()
  }

  async lastReleasesOfTag(model: string, tag: string, limit: number): Promise<number[]> {
    const found = new Set<number>()
    // Nearly always the first page has enough: thousands of moves are not sorted for the sake of five.
    for (let before = Number.MAX_SAFE_INTEGER; found.size < limit;) {
      const page = await this.#pageOfMoves(model, tag, before)
      for (const { number } of page) if (number !== null && found.size < limit) found.add(number)
      const last = page.at(-1)
      if (last === undefined) break
      before = last.sequence
    }
    return [...found]
  }

  async listDigests({ limit, before: after }: PageOf<Digest>): Promise<BlobOutline[]> {
    return await this.db
      .selectFrom('releases')
      .select(({ fn }) => ['digest', fn.min('size').as('size')])
      .$if(after !== undefined, (query) => query.where('digest', '>', after ?? ''))
      .groupBy('digest')
      .orderBy('digest')
      .limit(limit)
      .execute()
  }

  async measureDigests(after = ''): Promise<{ blobs: number; bytes: number }> {
    const distinct = this.db
      .selectFrom('releases')
      .select(({ fn }) => ['digest', fn.min('size').as('size')])
      .where('digest', '>', after)
      .groupBy('digest')
      .as('distinct_digests')
    const { blobs, bytes } = await this.db
      .selectFrom(distinct)
      .select(({ fn }) => [fn.countAll<number>().as('blobs'), fn.sum<number | null>('size').as('bytes')])
      .executeTakeFirstOrThrow()
    return { blobs, bytes: bytes ?? 0 }
  }

  async releasedAmong(digests: readonly Digest[]): Promise<Set<Digest>> {
    if (digests.length === 0) return new Set()
    const rows = await this.db
      .selectFrom('releases')
      .select('digest')
      .distinct()
      .where('digest', 'in', digests)
      .execute()
    return new Set(rows.map(({ digest }) => digest))
  }

  async digestSize(digest: Digest): Promise<number | undefined> {
    const row = await this.db
      .selectFrom('releases')
      .select('size')
      .where('digest', '=', digest)
      .limit(1)
      .executeTakeFirst()
    return row?.size
  }

  async listLastSeen(since: Instant): Promise<Map<Digest, Instant>> {
    const rows = await this.db
      .selectFrom('sightings')
      .select(({ fn }) => ['digest', fn.max('last_seen').as('lastSeen')])
      .where('last_seen', '>=', since)
      .groupBy('digest')
      .execute()
    return new Map(rows.map(({ digest, lastSeen }) => [digest, lastSeen]))
  }

  async listSightings(limit: number): Promise<Sighting[]> {
    return await this.db
      .selectFrom('sightings')
      .select(['process', 'digest', 'model', 'last_seen as lastSeen'])
      .orderBy('last_seen', 'desc')
      .orderBy('digest')
      .orderBy('process')
      .limit(limit)
      .execute()
  }

  async listDamagedBlobs(): Promise<DamagedBlob[]> {
    const rows = await this.db
      .selectFrom('damaged_blobs')
      .select(['digest', 'kind', 'version', 'damaged_at as damagedAt'])
      .orderBy('digest')
      .execute()
    return rows.map(({ kind, ...row }) => ({ ...row, kind: kind as DamagedBlob['kind'] }))
  }

  async listUnusedBlobs(noted: Instant, limit: number): Promise<Digest[]> {
    const rows = await this.db
      .selectFrom('unused_blobs')
      .select('digest')
      .where('since', '<', noted)
      .orderBy('digest')
      .limit(limit)
      .execute()
    return rows.map(({ digest }) => digest)
  }

  async findTaskProgress(task: string): Promise<TaskProgress | undefined> {
    return await this.db
      .selectFrom('task_progress')
      .select(['position', 'begun_at as begunAt', 'completed_at as completedAt'])
      .where('task', '=', task)
      .executeTakeFirst()
  }

  async listExports(): Promise<TagExport[]> {
    return await this.db
      .selectFrom('exports')
      .select(['model', 'tag', 'place', 'name', 'digest', 'exported_at as exportedAt'])
      .execute()
  }

  /** Moves of a tag, the last first, with the release that each led to where that still exists. */
  #pageOfMoves(model: string, tag: string, before: number) {
    return this.db
      .selectFrom('tag_moves')
      .leftJoin('releases', (join) =>
        join.onRef('releases.model', '=', 'tag_moves.model').onRef('releases.number', '=', 'to_release'),
      )
      .select(['tag_moves.sequence', 'releases.number'])
      .where('tag_moves.model', '=', model)
      .where('tag_moves.tag', '=', tag)
      .where('tag_moves.sequence', '<', before)
      .orderBy('tag_moves.sequence', 'desc')
      .limit(100)
      .execute()
  }

  /** The number of the first release of a new model. */
  protected async firstNumber(): Promise<number> {
    const { rows } = await sql<{ first_number: number }>`select first_number from numbering`.execute(this.db)
    return rows[0]?.first_number ?? 1
  }
}
