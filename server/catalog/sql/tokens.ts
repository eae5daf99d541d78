import type { Selectable } from 'kysely'
import type { TokenRecord } from '../../access/token.ts'
import { DomainError } from '../../errors/errors.ts'
import type { TokenChanges, TokenReader, TokenWriter } from '../tokens.ts'
import { answeringRow, ONE_DATABASE } from './answering.ts'
import type { CatalogDb, TokenRow } from './catalog-tables.ts'
import { inParts } from '../in-parts.ts'

/** Answers the questions about tokens in SQL. */
export function tokenReader(db: CatalogDb, database = ONE_DATABASE): TokenReader {
  return {
    async listTokensChangedAfter(revision) {
      const rows = await db
        .selectFrom(answeringRow(database))
        .innerJoin('token_changes', (join) => join.onTrue())
        .leftJoin('tokens', (join) => join.on('tokens.revision', '>', revision))
        .selectAll('tokens')
        .select(['database', 'token_changes.revision as last'])
        .orderBy('tokens.revision')
        .orderBy('tokens.id')
        .execute()
      const [first] = rows
      return {
        database: first?.database ?? undefined,
        revision: first?.last ?? 0,
        // Where none changed the one row has no token.
        tokens: rows.flatMap((row) => (row.id === null ? [] : [tokenOf(row as Selectable<TokenRow>)])),
      }
    },

    async listTokens({ limit, cursor }) {
      const rows = await db
        .selectFrom('tokens')
        .selectAll()
        .$if(cursor !== undefined, (query) => query.where('id', '<', cursor ?? 0))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(tokenOf)
    },

    async findToken(id) {
      const row = await db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst()
      return row && tokenOf(row)
    },

    async listTokensIssuedFor(publisher) {
      // A name has nothing that JSON or LIKE would read otherwise, but for _, which stands for any character.
      const rows = await db
        .selectFrom('tokens')
        .selectAll()
        .where('publishers', 'like', `%"${publisher}"%`)
        .where('revoked_at', 'is', null)
        .orderBy('id', 'desc')
        .execute()
      return rows.map(tokenOf).filter(({ publishers }) => publishers.includes(publisher))
    },

    async findTokens(name) {
      const rows = await db
        .selectFrom('tokens')
        .selectAll()
        .where('name', '=', name)
        .orderBy('id', 'desc')
        .execute()
      return rows.map(tokenOf)
    },
  }
}

/** Changes tokens in SQL, inside the transaction that it is given. */
export function tokenWriter(db: CatalogDb): TokenWriter {
  return {
    async insertToken(token, replaces) {
      const { name, digest, allow, subject, publishers, createdAt, createdBy, expiresAt } = token
      const revision = await raiseTokenRevision(db)
      // It gives the name up before its successor, whose id is not known yet, takes it.
      if (replaces !== undefined) await setSuccessor(db, replaces, 0, revision)
      if (subject === null && (await isNameInForce(db, name))) throw tokenExists(name)
      const row = await db
        .insertInto('tokens')
        .values({
          name,
          digest,
          allow: JSON.stringify(allow),
          subject,
          revision,
          publishers: publishers.length === 0 ? null : JSON.stringify(publishers),
          created_at: createdAt,
          created_by: createdBy,
          expires_at: expiresAt,
          revoked_at: null,
          revoked_by: null,
          successor: null,
          last_used_at: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      if (replaces !== undefined) await setSuccessor(db, replaces, row.id, revision)
      return tokenOf(row)
    },

    async holdTokens() {
      await raiseTokenRevision(db)
    },

    async changeToken(id, changes) {
      const revision = await raiseTokenRevision(db)
      await db
        .updateTable('tokens')
        .set({ ...columnsOf(changes), revision })
        .where('id', '=', id)
        .execute()
    },

    async noteTokensUsed(ids, at) {
      for (const part of inParts(ids)) {
        await db.updateTable('tokens').set({ last_used_at: at }).where('id', 'in', part).execute()
      }
    },

    async forgetIssuedTokens(before) {
      await db
        .deleteFrom('tokens')
        .where('subject', 'is not', null)
        .where((where) => where.or([where('expires_at', '<', before), where('revoked_at', '<', before)]))
        .execute()
    },
  }
}

/** The first step of every change: whoever comes second waits here, and then reads what the first one did. */
async function raiseTokenRevision(db: CatalogDb): Promise<number> {
  const { revision } = await db
    .updateTable('token_changes')
    .set(({ eb }) => ({ revision: eb('revision', '+', 1) }))
    .returning('revision')
    .executeTakeFirstOrThrow()
  return revision
}

async function setSuccessor(db: CatalogDb, id: number, successor: number, revision: number): Promise<void> {
  await db.updateTable('tokens').set({ successor, revision }).where('id', '=', id).execute()
}

async function isNameInForce(db: CatalogDb, name: string): Promise<boolean> {
  const row = await db
    .selectFrom('tokens')
    .select('id')
    .where('name', '=', name)
    .where('revoked_at', 'is', null)
    .where('successor', 'is', null)
    .where('subject', 'is', null)
    .executeTakeFirst()
  return row !== undefined
}

function columnsOf({ expiresAt, revokedAt, revokedBy }: TokenChanges): Partial<Selectable<TokenRow>> {
  return {
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
    ...(revokedAt === undefined ? {} : { revoked_at: revokedAt }),
    ...(revokedBy === undefined ? {} : { revoked_by: revokedBy }),
  }
}

function tokenOf(row: Selectable<TokenRow>): TokenRecord {
  return {
    id: row.id,
    name: row.name,
    digest: row.digest,
    allow: JSON.parse(row.allow) as string[],
    subject: row.subject,
    publishers: row.publishers === null ? [] : (JSON.parse(row.publishers) as string[]),
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    revokedBy: row.revoked_by,
    successor: row.successor,
    lastUsedAt: row.last_used_at,
  }
}

function tokenExists(name: string): DomainError {
  return new DomainError(
    'token-exists',
    `There is a token named "${name}" already. Rotate it to get a new secret (slipway token rotate ${name}), revoke it first, ` +
      'or take another name.',
    { name },
  )
}
