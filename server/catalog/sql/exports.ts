import type { ExportReader, ExportWriter } from '../exports.ts'
import type { CatalogDb } from './catalog-tables.ts'

/** Answers the questions about exports in SQL. */
export function exportReader(db: CatalogDb): ExportReader {
  return {
    async listExports() {
      return await db
        .selectFrom('exports')
        .select(['model', 'tag', 'place', 'name', 'digest', 'version', 'exported_at as exportedAt'])
        .execute()
    },
  }
}

/** Changes what is known of exports in SQL, inside the transaction that it is given. */
export function exportWriter(db: CatalogDb): ExportWriter {
  return {
    async beginExport({ model, tag }) {
      await db
        .updateTable('exports')
        .set({ version: null })
        .where('model', '=', model)
        .where('tag', '=', tag)
        .execute()
    },

    async rememberExport({ model, tag, exportedAt, ...rest }) {
      const columns = { ...rest, exported_at: exportedAt }
      await db
        .insertInto('exports')
        .values({ model, tag, ...columns })
        .onConflict((conflict) => conflict.columns(['model', 'tag']).doUpdateSet(columns))
        .execute()
    },
  }
}
