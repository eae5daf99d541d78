import type { IntakeReader, IntakeWriter } from '../intake.ts'
import type { CatalogDb } from './catalog-tables.ts'
import { intakeRecordOf, rowOfIntakeRecord } from './rows.ts'

/** Answers the questions about files and objects that arrived in SQL. */
export function intakeReader(db: CatalogDb): IntakeReader {
  return {
    async findIntakeRecord(path) {
      const row = await db.selectFrom('inbox_files').selectAll().where('path', '=', path).executeTakeFirst()
      return row && intakeRecordOf(row)
    },
  }
}

/** Changes what is known of files and objects in SQL, inside the transaction that it is given. */
export function intakeWriter(db: CatalogDb): IntakeWriter {
  return {
    async rememberIntakeRecord(record) {
      const { path, ...rest } = rowOfIntakeRecord(record)
      await db
        .insertInto('inbox_files')
        .values({ path, ...rest })
        .onConflict((conflict) => conflict.column('path').doUpdateSet(rest))
        .execute()
    },
  }
}
