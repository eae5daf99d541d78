import type { TrustedPublisher } from '../../access/oidc/trusted-publisher.ts'
import { DomainError } from '../../errors/errors.ts'
import type { TrustReader, TrustWriter } from '../trust.ts'
import type { CatalogDb, TrustedPublisherRow } from './catalog-tables.ts'

/** Answers the questions about trusted publishers in SQL. */
export function trustReader(db: CatalogDb): TrustReader {
  return {
    async listTrustedPublishers() {
      const rows = await db.selectFrom('trusted_publishers').selectAll().orderBy('name').execute()
      return rows.map(publisherOf)
    },
  }
}

/** Changes trusted publishers in SQL, inside the transaction that it is given. */
export function trustWriter(db: CatalogDb): TrustWriter {
  return {
    async insertTrustedPublisher({ name, issuer, audience, claims, allow, createdAt, createdBy }) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('trusted_publishers')
        .values({
          name,
          issuer,
          audience,
          claims: JSON.stringify(claims),
          allow: JSON.stringify(allow),
          created_at: createdAt,
          created_by: createdBy,
        })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .executeTakeFirstOrThrow()
      if (numInsertedOrUpdatedRows === 1n) return
      throw new DomainError(
        'trust-exists',
        `There is a trusted publisher named "${name}" already. Remove it first, or take another name.`,
        { name },
      )
    },

    async deleteTrustedPublisher(name) {
      const { numDeletedRows } = await db
        .deleteFrom('trusted_publishers')
        .where('name', '=', name)
        .executeTakeFirstOrThrow()
      return numDeletedRows > 0n
    },
  }
}

function publisherOf(row: TrustedPublisherRow): TrustedPublisher {
  return {
    name: row.name,
    issuer: row.issuer,
    audience: row.audience,
    claims: JSON.parse(row.claims) as Record<string, string>,
    allow: JSON.parse(row.allow) as string[],
    createdAt: row.created_at,
    createdBy: row.created_by,
  }
}
