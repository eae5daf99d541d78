import type { Selectable } from 'kysely'
import type { CatalogReader, CurrentModel } from '../catalog.ts'
import type { PageOf } from '../page-of.ts'
import type { InboxFile } from '../../intake/inbox-file.ts'
import type { Model } from '../../releases/model.ts'
import type { Digest, Release } from '../../releases/release.ts'
import type { Tag, TagMove } from '../../releases/tag.ts'
import type { CatalogTables } from './catalog-tables.ts'
import { inboxFileOf, modelOf, releaseOf, tagMoveOf } from './rows.ts'
import { SqlUpkeepReader } from './sql-upkeep-reader.ts'

/** Answers the questions of {@link CatalogReader} in SQL. */
export class SqlReader extends SqlUpkeepReader implements CatalogReader {
  async findModel(model: string): Promise<Model | undefined> {
    const row = await this.db.selectFrom('models').selectAll().where('model', '=', model).executeTakeFirst()
    return row && modelOf(row)
  }

  async listModels({ limit, before }: PageOf<string>): Promise<Model[]> {
    const rows = await this.db
      .selectFrom('models')
      .selectAll()
      .$if(before !== undefined, (query) => query.where('model', '>', before ?? ''))
      .orderBy('model')
      .limit(limit)
      .execute()
    return rows.map(modelOf)
  }

  async findRelease(model: string, number: number): Promise<Release | undefined> {
    const row = await this.db
      .selectFrom('releases')
      .selectAll()
      .where('model', '=', model)
      .where('number', '=', number)
      .executeTakeFirst()
    return row && releaseOf(row)
  }

  async highestRelease(model: string): Promise<Release | undefined> {
    const [release] = await this.listReleases(model, { limit: 1 })
    return release
  }

  async listReleases(model: string, { limit, before }: PageOf<number>): Promise<Release[]> {
    const rows = await this.db
      .selectFrom('releases')
      .selectAll()
      .where('model', '=', model)
      .$if(before !== undefined, (query) => query.where('number', '<', before ?? 0))
      .orderBy('number', 'desc')
      .limit(limit)
      .execute()
    return rows.map(releaseOf)
  }

  async countReleases(model: string): Promise<number> {
    const { count } = await this.db
      .selectFrom('releases')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('model', '=', model)
      .executeTakeFirstOrThrow()
    return count
  }

  async everHadDigest(model: string, digest: Digest): Promise<boolean> {
    const row = await this.db
      .selectFrom('released_digests')
      .select('digest')
      .where('model', '=', model)
      .where('digest', '=', digest)
      .executeTakeFirst()
    return row !== undefined
  }

  async isDigestReleased(digest: Digest): Promise<boolean> {
    const row = await this.db
      .selectFrom('releases')
      .select('digest')
      .where('digest', '=', digest)
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  async findTag(model: string, tag: string): Promise<Tag | undefined> {
    return await this.#selectTags(model).where('tags.tag', '=', tag).executeTakeFirst()
  }

  async listTags(model: string): Promise<Tag[]> {
    return await this.#selectTags(model).orderBy('tags.tag').execute()
  }

  async tagHistory(model: string, tag: string, { limit, before }: PageOf<number>): Promise<TagMove[]> {
    const rows = await this.db
      .selectFrom('tag_moves')
      .selectAll()
      .where('model', '=', model)
      .where('tag', '=', tag)
      .$if(before !== undefined, (query) => query.where('sequence', '<', before ?? 0))
      .orderBy('sequence', 'desc')
      .limit(limit)
      .execute()
    return rows.map(tagMoveOf)
  }

  async readCurrent(model?: string): Promise<CurrentModel[]> {
    // One statement is one snapshot. It touches the tagged releases only, however many there are.
    const rows = await this.db
      .selectFrom('models')
      .leftJoin('tags', 'tags.model', 'models.model')
      .leftJoin('releases', (join) =>
        join.onRef('releases.model', '=', 'tags.model').onRef('releases.number', '=', 'tags.release'),
      )
      .selectAll('releases')
      .select(['models.model as of_model', 'models.default_tag', 'models.revision', 'tags.tag'])
      .$if(model !== undefined, (query) => query.where('models.model', '=', model ?? ''))
      .orderBy('models.model')
      .orderBy('tags.tag')
      .execute()
    const models = new Map<string, CurrentModel>()
    for (const { of_model, default_tag, revision, tag, ...release } of rows) {
      const current = models.get(of_model) ?? { model: of_model, defaultTag: default_tag, revision, tags: [] }
      models.set(of_model, current)
      if (tag !== null && isWhole(release)) current.tags.push({ tag, release: releaseOf(release) })
    }
    return [...models.values()]
  }

  async findInboxFile(path: string): Promise<InboxFile | undefined> {
    const row = await this.db
      .selectFrom('inbox_files')
      .selectAll()
      .where('path', '=', path)
      .executeTakeFirst()
    return row && inboxFileOf(row)
  }

  #selectTags(model: string) {
    return this.db
      .selectFrom('tags')
      .innerJoin('tag_moves', 'tag_moves.sequence', 'tags.sequence')
      .innerJoin('releases', (join) =>
        join.onRef('releases.model', '=', 'tags.model').onRef('releases.number', '=', 'tags.release'),
      )
      .select([
        'tags.model',
        'tags.tag',
        'tags.release',
        'releases.digest',
        'tag_moves.moved_at as movedAt',
        'tag_moves.moved_by as movedBy',
        'tag_moves.reason',
        'tags.sequence',
      ])
      .where('tags.model', '=', model)
  }
}

type Joined<Row> = { [Column in keyof Row]: Row[Column] | null }

/** Whether an outer join found a row: foreign keys see to it that every tag has its release. */
function isWhole(
  row: Joined<Selectable<CatalogTables['releases']>>,
): row is Selectable<CatalogTables['releases']> {
  return row.model !== null
}
