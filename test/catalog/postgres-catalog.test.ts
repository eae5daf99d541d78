import { describeEveryPromise } from '../contracts/every-catalog.ts'
import { withPostgres } from '../support/a-postgres-catalog.ts'

describe('over Postgres', () => {
  const postgres = withPostgres()

  describeEveryPromise('PostgresCatalog', postgres.catalog)
})
