import { LATEST } from '../../releases/tag.ts'
import type { Model } from '../../releases/model.ts'
import { numberAfterGap, type ModelPosition, type ModelReader, type ModelWriter } from '../models.ts'
import type { PageOf } from '../page-of.ts'
import { answeringRow, ONE_DATABASE, revisionsOf } from './answering.ts'
import type { CatalogDb } from './catalog-tables.ts'
import { inParts } from '../in-parts.ts'
import { noSuchModel } from './refusals.ts'
import { modelOf } from './rows.ts'

/**
 * When a deleted model was created: its row stays for its number, and for its revision, by which other servers learn that it was
 * deleted. Every true instant sorts after it.
 */
const DELETED = ''

/** Answers the questions about models in SQL. */
export function modelReader(db: CatalogDb, database = ONE_DATABASE): ModelReader {
  return {
    async findModel(model) {
      const row = await db
        .selectFrom('models')
        .selectAll()
        .where('model', '=', model)
        .where('created_at', '<>', DELETED)
        .executeTakeFirst()
      return row && modelOf(row)
    },

    async listModels(page, among) {
      if (among === undefined) return await selectModels(db, page)
      const found: Model[] = []
      for (const part of inParts(among)) found.push(...(await selectModels(db, page, part)))
      return found.toSorted(byPosition).slice(0, page.limit)
    },

    async listRevisions() {
      const rows = await db
        .selectFrom(answeringRow(database))
        .leftJoin('models', (join) => join.onTrue())
        .select(['database', 'model', 'revision'])
        .execute()
      return revisionsOf(rows)
    },
  }
}

async function selectModels(
  db: CatalogDb,
  { limit, cursor }: PageOf<ModelPosition>,
  among?: readonly string[],
): Promise<Model[]> {
  const rows = await db
    .selectFrom('models')
    .selectAll()
    .where('created_at', '<>', DELETED)
    .$if(cursor !== undefined, (query) =>
      query.where((where) => {
        const { createdAt = '', model = '' } = cursor ?? {}
        const sameInstant = where.and([where('created_at', '=', createdAt), where('model', '>', model)])
        return where.or([where('created_at', '<', createdAt), sameInstant])
      }),
    )
    .$if(among !== undefined, (query) => query.where('model', 'in', among ?? []))
    .orderBy('created_at', 'desc')
    .orderBy('model')
    .limit(limit)
    .execute()
  return rows.map(modelOf)
}

/** The order of the list of models. */
function byPosition(one: ModelPosition, other: ModelPosition): number {
  if (one.createdAt !== other.createdAt) return one.createdAt > other.createdAt ? -1 : 1
  return one.model < other.model ? -1 : 1
}

/** Changes models in SQL, inside the transaction that it is given. */
export function modelWriter(db: CatalogDb): ModelWriter {
  return {
    async ensureModel(model, createdAt) {
      const known = await modelReader(db).findModel(model)
      if (known !== undefined) return known
      const again = await db
        .updateTable('models')
        .set({ created_at: createdAt })
        .where('model', '=', model)
        .returningAll()
        .executeTakeFirst()
      if (again !== undefined) return modelOf(again)
      const next_number = await readFirstNumber(db)
      const row = await db
        .insertInto('models')
        .values({
          model,
          default_tag: LATEST,
          created_at: createdAt,
          next_number,
          revision: 1,
          signatures: null,
          quota: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      return modelOf(row)
    },

    async setDefaultTag(model, tag) {
      await raiseRevision(db, model, { default_tag: tag })
    },

    async deleteModel(model) {
      const { releases } = await db
        .selectFrom('releases')
        .select(({ fn }) => fn.countAll<number | string>().as('releases'))
        .where('model', '=', model)
        .executeTakeFirstOrThrow()
      if (Number(releases) > 0) throw new Error(`The model "${model}" has releases: delete them first`)
      await raiseRevision(db, model, {
        created_at: DELETED,
        default_tag: LATEST,
        signatures: null,
        quota: null,
      })
    },

    async setSignatures(model, policy) {
      await raiseRevision(db, model, { signatures: policy === null ? null : JSON.stringify(policy) })
    },

    async setQuota(model, quota) {
      await raiseRevision(db, model, { quota: quota === null ? null : JSON.stringify(quota) })
    },

    async raiseNextNumber(model, next) {
      await db
        .updateTable('models')
        .set(({ eb }) => ({ next_number: next, revision: eb('revision', '+', 1) }))
        .where('model', '=', model)
        .where('next_number', '<', next)
        .execute()
    },

    async skipNumbers(gap) {
      const models = await db
        .selectFrom('models')
        .select(['model', 'next_number as from'])
        .orderBy('model')
        .execute()
      const skipped = models.map(({ model, from }) => ({ model, from, to: numberAfterGap(from, gap) }))
      for (const { model, to } of skipped) {
        await db.updateTable('models').set({ next_number: to }).where('model', '=', model).execute()
      }
      const first_number = numberAfterGap(await readFirstNumber(db), gap)
      await db
        .insertInto('numbering')
        .values({ id: 1, first_number })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ first_number }))
        .execute()
      return skipped
    },
  }
}

/**
 * Raises a model's revision, together with `changes`: part of every change of the model, its releases and its tags.
 *
 * @throws DomainError `model-not-found`
 */
export async function raiseRevision(
  db: CatalogDb,
  model: string,
  changes: {
    created_at?: string
    default_tag?: string
    signatures?: string | null
    quota?: string | null
  } = {},
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('models')
    .set(({ eb }) => ({ ...changes, revision: eb('revision', '+', 1) }))
    .where('model', '=', model)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) throw noSuchModel(model)
}

/** The number of the first release of a new model. */
async function readFirstNumber(db: CatalogDb): Promise<number> {
  const row = await db.selectFrom('numbering').select('first_number').executeTakeFirst()
  return row?.first_number ?? 1
}
