import type { Release } from '../../releases/release.ts'
import { divideFacts } from '../../releases/release.ts'
import type { ReleaseWriter } from '../releases.ts'
import type { CatalogDb, CatalogTables } from './catalog-tables.ts'
import { inParts } from '../in-parts.ts'
import { raiseRevision } from './models.ts'
import { noSuchModel, noSuchRelease, releaseInUse } from './refusals.ts'
import { rowOfRelease, signatureColumn } from './rows.ts'

/** Changes releases in SQL, inside the transaction that it is given. */
export function releaseWriter(db: CatalogDb): ReleaseWriter {
  return {
    async insertRelease(fields, bundle) {
      const { model } = fields
      const row = await db
        .updateTable('models')
        .set(({ eb }) => ({ next_number: eb('next_number', '+', 1), revision: eb('revision', '+', 1) }))
        .where('model', '=', model)
        .returning('next_number')
        .executeTakeFirst()
      if (row === undefined) throw noSuchModel(model)
      const release = { ...fields, number: row.next_number - 1 }
      await addRows(db, release, bundle)
      return release
    },

    async restoreRelease(release, bundle) {
      const { model, number } = release
      const { numUpdatedRows } = await db
        .updateTable('models')
        .set(({ eb }) => ({
          next_number: eb
            .case()
            .when('next_number', '<=', number)
            .then(number + 1)
            .else(eb.ref('next_number'))
            .end(),
          revision: eb('revision', '+', 1),
        }))
        .where('model', '=', model)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) throw noSuchModel(model)
      await addRows(db, release, bundle)
    },

    async updateNotes(model, number, notes) {
      const { numUpdatedRows } = await db
        .updateTable('releases')
        .set({ notes })
        .where('model', '=', model)
        .where('number', '=', number)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) throw noSuchRelease(model, number)
      await raiseRevision(db, model)
    },

    async replaceSignature(model, number, { signature, bundle }) {
      const { numUpdatedRows } = await db
        .updateTable('releases')
        .set({ signature: signatureColumn(signature) })
        .where('model', '=', model)
        .where('number', '=', number)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) throw noSuchRelease(model, number)
      await saveBundle(db, { model, number, bundle })
      await raiseRevision(db, model)
    },

    async deleteRelease(model, number) {
      if ((await deleteUntagged(db, model, [number])) === 0) throw noSuchRelease(model, number)
      await raiseRevision(db, model)
    },

    async deleteReleases(model, numbers) {
      let deleted = 0
      for (const part of inParts(numbers)) deleted += await deleteUntagged(db, model, part)
      if (deleted > 0) await raiseRevision(db, model)
    },
  }
}

/** A release, what inspection learned of it, its bundle, and its digest among those that the model ever had. */
async function addRows(db: CatalogDb, release: Release, bundle: string | undefined): Promise<void> {
  const { model, number, digest } = release
  const { summary, lists } = divideFacts(release.archive)
  await db
    .insertInto('releases')
    .values(rowOfRelease({ ...release, archive: summary }))
    .execute()
  await db
    .insertInto('release_facts')
    .values({ model, number, facts: JSON.stringify(lists) })
    .execute()
  if (bundle !== undefined) await saveBundle(db, { model, number, bundle })
  await db
    .insertInto('released_digests')
    .values({ model, digest })
    .onConflict((conflict) => conflict.columns(['model', 'digest']).doNothing())
    .execute()
}

async function saveBundle(db: CatalogDb, row: CatalogTables['release_bundles']): Promise<void> {
  const { bundle } = row
  await db
    .insertInto('release_bundles')
    .values(row)
    .onConflict((conflict) => conflict.columns(['model', 'number']).doUpdateSet({ bundle }))
    .execute()
}

/**
 * @returns how many there were.
 * @throws DomainError `release-in-use`
 */
async function deleteUntagged(db: CatalogDb, model: string, numbers: readonly number[]): Promise<number> {
  const tagged = await db
    .selectFrom('tags')
    .select(['tag', 'release'])
    .where('model', '=', model)
    .where('release', 'in', numbers)
    .orderBy('tag')
    .limit(1)
    .executeTakeFirst()
  if (tagged !== undefined) throw releaseInUse(model, tagged.release, tagged.tag)
  for (const table of ['release_facts', 'release_bundles'] as const)
    await db.deleteFrom(table).where('model', '=', model).where('number', 'in', numbers).execute()
  const { numDeletedRows } = await db
    .deleteFrom('releases')
    .where('model', '=', model)
    .where('number', 'in', numbers)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}
