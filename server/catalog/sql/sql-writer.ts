import type { CatalogWriter } from '../catalog.ts'
import type { Instant } from '../../time/clock.ts'
import type { InboxFile } from '../../intake/inbox-file.ts'
import type { Model } from '../../releases/model.ts'
import type { Release } from '../../releases/release.ts'
import { LATEST } from '../../releases/tag.ts'
import type { MoveCircumstances, TagMove } from '../../releases/tag.ts'
import { noSuchModel, noSuchRelease, noSuchTag, releaseInUse } from './refusals.ts'
import { modelOf, rowOfInboxFile, rowOfRelease, tagMoveOf } from './rows.ts'
import { SqlUpkeepWriter } from './sql-upkeep-writer.ts'

/** Makes the changes of {@link CatalogWriter} in SQL, inside the transaction that it was given. */
export class SqlWriter extends SqlUpkeepWriter implements CatalogWriter {
  async ensureModel(model: string, createdAt: Instant): Promise<Model> {
    const known = await this.findModel(model)
    if (known !== undefined) return known
    const next_number = await this.firstNumber()
    const row = await this.db
      .insertInto('models')
      .values({ model, default_tag: LATEST, created_at: createdAt, next_number, revision: 1 })
      .returningAll()
      .executeTakeFirstOrThrow()
    return modelOf(row)
  }

  async setDefaultTag(model: string, tag: string): Promise<void> {
    const touched = await this.#touch(model, { default_tag: tag })
    if (!touched) throw noSuchModel(model)
  }

  async insertRelease(fields: Omit<Release, 'number'>): Promise<Release> {
    const { model, digest } = fields
    const row = await this.db
      .updateTable('models')
      .set(({ eb }) => ({ next_number: eb('next_number', '+', 1), revision: eb('revision', '+', 1) }))
      .where('model', '=', model)
      .returning('next_number')
      .executeTakeFirst()
    if (row === undefined) throw noSuchModel(model)
    const release = { ...fields, number: row.next_number - 1 }
    await this.db.insertInto('releases').values(rowOfRelease(release)).execute()
    await this.db
      .insertInto('released_digests')
      .values({ model, digest })
      .onConflict((conflict) => conflict.columns(['model', 'digest']).doNothing())
      .execute()
    return release
  }

  async updateNotes(model: string, number: number, notes: string): Promise<void> {
    const { numUpdatedRows } = await this.db
      .updateTable('releases')
      .set({ notes })
      .where('model', '=', model)
      .where('number', '=', number)
      .executeTakeFirstOrThrow()
    if (numUpdatedRows === 0n) throw noSuchRelease(model, number)
    await this.#touch(model)
  }

  async deleteRelease(model: string, number: number): Promise<void> {
    const tagged = await this.db
      .selectFrom('tags')
      .select('tag')
      .where('model', '=', model)
      .where('release', '=', number)
      .orderBy('tag')
      .limit(1)
      .executeTakeFirst()
    if (tagged !== undefined) throw releaseInUse(model, number, tagged.tag)
    const { numDeletedRows } = await this.db
      .deleteFrom('releases')
      .where('model', '=', model)
      .where('number', '=', number)
      .executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw noSuchRelease(model, number)
    await this.#touch(model)
  }

  async moveTag(
    model: string,
    tag: string,
    to: number | null,
    { movedAt, movedBy, reason }: MoveCircumstances,
  ): Promise<TagMove> {
    const from = (await this.findTag(model, tag))?.release ?? null
    if (from === null && to === null) throw noSuchTag(model, tag)
    if (to !== null && (await this.findRelease(model, to)) === undefined) throw noSuchRelease(model, to)
    const row = await this.db
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
    await this.#point(model, tag, to, row.sequence)
    await this.#touch(model)
    return tagMoveOf(row)
  }

  async rememberInboxFile(file: InboxFile): Promise<void> {
    const { path, ...rest } = rowOfInboxFile(file)
    await this.db
      .insertInto('inbox_files')
      .values({ path, ...rest })
      .onConflict((conflict) => conflict.column('path').doUpdateSet(rest))
      .execute()
  }

  async #point(model: string, tag: string, to: number | null, sequence: number): Promise<void> {
    if (to === null) {
      await this.db.deleteFrom('tags').where('model', '=', model).where('tag', '=', tag).execute()
      return
    }
    await this.db
      .insertInto('tags')
      .values({ model, tag, release: to, sequence })
      .onConflict((conflict) => conflict.columns(['model', 'tag']).doUpdateSet({ release: to, sequence }))
      .execute()
  }

  /** Raises the model's revision, together with `changes`. */
  async #touch(model: string, changes: { default_tag?: string } = {}): Promise<boolean> {
    const { numUpdatedRows } = await this.db
      .updateTable('models')
      .set(({ eb }) => ({ ...changes, revision: eb('revision', '+', 1) }))
      .where('model', '=', model)
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  }
}
