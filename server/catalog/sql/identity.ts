import type { IdentityReader, IdentityWriter } from '../identity.ts'
import type { CatalogDb } from './catalog-tables.ts'

/** Answers who the catalog is in SQL. */
export function identityReader(db: CatalogDb): IdentityReader {
  return {
    async identity() {
      const { server } = await db.selectFrom('identity').select('server').executeTakeFirstOrThrow()
      return server
    },
  }
}

/** Changes who the catalog is in SQL, inside the transaction that it is given. */
export function identityWriter(db: CatalogDb): IdentityWriter {
  return {
    async takeIdentity(server) {
      await db.updateTable('identity').set({ server }).execute()
    },
  }
}
