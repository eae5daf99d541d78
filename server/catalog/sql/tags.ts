import type { ServedRelease } from '../../releases/release.ts'
import type { CurrentModel, TagReader, TagWriter } from '../tags.ts'
import type { CatalogDb, CatalogTables } from './catalog-tables.ts'
import { raiseRevision } from './models.ts'
import { noSuchRelease, noSuchTag } from './refusals.ts'
import { tagMoveOf } from './rows.ts'

/** Answers the questions about tags in SQL. */
export function tagReader(db: CatalogDb): TagReader {
  const reader: TagReader = {
    async findTag(model, tag) {
      return await selectTags(db, model).where('tags.tag', '=', tag).executeTakeFirst()
    },

    async countTags(model) {
      const { count } = await db
        .selectFrom('tags')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('model', '=', model)
        .executeTakeFirstOrThrow()
      return count
    },

    async listTags(model) {
      return await selectTags(db, model).orderBy('tags.tag').execute()
    },

    async tagHistory(model, tag, { limit, cursor }) {
      const rows = await db
        .selectFrom('tag_moves')
        .selectAll()
        .where('model', '=', model)
        .where('tag', '=', tag)
        .$if(cursor !== undefined, (query) => query.where('sequence', '<', cursor ?? 0))
        .orderBy('sequence', 'desc')
        .limit(limit)
        .execute()
      return rows.map(tagMoveOf)
    },

    async listTagTargets(model, tag, { limit, cursor }) {
      const rows = await db
        .selectFrom('tag_moves')
        .leftJoin('releases', (join) =>
          join.onRef('releases.model', '=', 'tag_moves.model').onRef('releases.number', '=', 'to_release'),
        )
        .select(['tag_moves.sequence', 'to_release as release', 'releases.number'])
        .where('tag_moves.model', '=', model)
        .where('tag_moves.tag', '=', tag)
        .$if(cursor !== undefined, (query) => query.where('tag_moves.sequence', '<', cursor ?? 0))
        .orderBy('tag_moves.sequence', 'desc')
        .limit(limit)
        .execute()
      return rows.map(({ number, ...target }) => ({ ...target, exists: number !== null }))
    },

    async lastReleasesOfTag(model, tag, limit) {
      const found = new Set<number>()
      // Nearly always the first page has enough: thousands of moves are not sorted for the sake of five.
      for (let cursor = Number.MAX_SAFE_INTEGER; found.size < limit;) {
        const page = await reader.listTagTargets(model, tag, { limit: 100, cursor })
        for (const { release, exists } of page) {
          if (release !== null && exists && found.size < limit) found.add(release)
        }
        const last = page.at(-1)
        if (last === undefined) break
        cursor = last.sequence
      }
      return [...found]
    },

    async readCurrent(only) {
      return only?.length === 0 ? [] : groupByModel(await selectCurrent(db, only))
    },
  }
  return reader
}

/** Changes tags in SQL, inside the transaction that it is given. */
export function tagWriter(db: CatalogDb): TagWriter {
  return {
    async moveTag(model, tag, to, { movedAt, movedBy, reason }) {
      const from = await readTarget(db, model, tag)
      if (from === null && to === null) throw noSuchTag(model, tag)
      if (to !== null && !(await hasRelease(db, model, to))) throw noSuchRelease(model, to)
      const row = await db
        .insertInto('tag_moves')
        .values({
          model,
          tag,
          from_release: from,
          to_release: to,
          moved_at: movedAt,
          moved_by: movedBy,
          reason,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      if (to === null) await removeTag(db, model, tag)
      else await pointTag(db, { model, tag, release: to, sequence: row.sequence })
      await raiseRevision(db, model)
      return tagMoveOf(row)
    },
  }
}

function selectTags(db: CatalogDb, model: string) {
  return db
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

type CurrentRows = Awaited<ReturnType<typeof selectCurrent>>

/** One statement is one snapshot. It touches the tagged releases only, however many there are. */
function selectCurrent(db: CatalogDb, only: string | readonly string[] | undefined) {
  return db
    .selectFrom('models')
    .leftJoin('tags', 'tags.model', 'models.model')
    .leftJoin('releases', (join) =>
      join.onRef('releases.model', '=', 'tags.model').onRef('releases.number', '=', 'tags.release'),
    )
    .select(['models.model', 'models.default_tag as defaultTag', 'models.revision', 'tags.tag'])
    .select(['releases.number', 'releases.digest', 'releases.size', 'releases.filename'])
    .$if(only !== undefined, (query) => query.where('models.model', 'in', [only ?? []].flat()))
    .orderBy('models.model')
    .orderBy('tags.tag')
    .execute()
}

function groupByModel(rows: CurrentRows): CurrentModel[] {
  const models = new Map<string, CurrentModel>()
  for (const { model, defaultTag, revision, tag, ...release } of rows) {
    const current = models.get(model) ?? { model, defaultTag, revision, tags: [] }
    models.set(model, current)
    if (tag !== null && isWhole(release)) current.tags.push({ tag, release })
  }
  return [...models.values()]
}

/** Whether an outer join found a row: foreign keys see to it that every tag has its release. */
function isWhole(release: {
  [Column in keyof ServedRelease]: ServedRelease[Column] | null
}): release is ServedRelease {
  return release.number !== null
}

/** The release that a tag points at; null where it does not exist. */
async function readTarget(db: CatalogDb, model: string, tag: string): Promise<number | null> {
  const row = await db
    .selectFrom('tags')
    .select('release')
    .where('model', '=', model)
    .where('tag', '=', tag)
    .executeTakeFirst()
  return row?.release ?? null
}

async function hasRelease(db: CatalogDb, model: string, number: number): Promise<boolean> {
  const row = await db
    .selectFrom('releases')
    .select('number')
    .where('model', '=', model)
    .where('number', '=', number)
    .executeTakeFirst()
  return row !== undefined
}

async function removeTag(db: CatalogDb, model: string, tag: string): Promise<void> {
  await db.deleteFrom('tags').where('model', '=', model).where('tag', '=', tag).execute()
}

async function pointTag(db: CatalogDb, row: Omit<CatalogTables['tags'], 'policy'>): Promise<void> {
  const { release, sequence } = row
  await db
    .insertInto('tags')
    .values({ ...row, policy: null })
    .onConflict((conflict) => conflict.columns(['model', 'tag']).doUpdateSet({ release, sequence }))
    .execute()
}
