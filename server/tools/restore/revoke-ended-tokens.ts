import { auditedCatalog } from '../../access/audit/audited-catalog.ts'
import type { TokenRecord } from '../../access/token.ts'
import { readTokensFile } from '../../access/tokens-file.ts'
import type { Catalog } from '../../catalog/catalog.ts'

/** The tokens that were not revoked, as the data directory knew them last. */
export interface LastKnownTokens {
  /** The catalog's, see `ChangedTokens.revision`. */
  readonly revision: number
  readonly inForce: readonly Pick<TokenRecord, 'name' | 'digest' | 'subject'>[]
}

/** What a restore did to tokens: their names, each once. */
export interface RestoredTokens {
  /** Revoked since the backup, and so again now. */
  readonly revoked: string[]
  /** Good as the backup has them, where nothing is known of what came after. */
  readonly unsure: string[]
  /** Made since the backup: the catalog does not know them any more. */
  readonly gone: string[]
}

/** Stands as author. */
const BY = 'slipway'

/**
 * Reads which tokens were good last, from the file that a server keeps of its catalog's.
 *
 * @returns undefined where there is none, or nothing that can be used.
 */
export async function readLastKnownTokens(file: string): Promise<LastKnownTokens | undefined> {
  const saved = await readTokensFile(file)
  if (saved === undefined || !Array.isArray(saved.tokens)) return undefined
  return { revision: saved.revision, inForce: saved.tokens }
}

/**
 * Revokes the tokens of a restored catalog that were revoked since the backup: none may open anything again because of a
 * restore.
 *
 * @param known What the data directory knew last; undefined: nothing.
 * @param revokesAll Revokes every token.
 * @param now Milliseconds since 1970.
 */
export async function revokeEndedTokens(
  restored: Catalog,
  known: LastKnownTokens | undefined,
  revokesAll: boolean,
  now: number,
): Promise<RestoredTokens> {
  const { revision, tokens: all } = await restored.listTokensChangedAfter(0)
  const good = all.filter(({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt ?? Infinity) > now)
  // What is older than the backup says nothing of what came after it.
  const since = known !== undefined && known.revision >= revision ? known : undefined
  const inForce = since && new Set(since.inForce.map(({ digest }) => digest))
  const ended = good.filter(({ digest }) => revokesAll || inForce?.has(digest) === false)
  if (ended.length > 0) {
    await auditedCatalog(restored, { now: () => now }).writeShared(async (writer) => {
      for (const { id } of ended) await writer.changeToken(id, { revokedAt: now, revokedBy: BY })
    })
  }
  const recorded = new Set(all.map(({ digest }) => digest))
  return {
    revoked: namesOf(ended),
    unsure: since === undefined ? namesOf(good.filter((token) => !ended.includes(token))) : [],
    gone: namesOf(
      (since?.inForce ?? []).filter(({ digest, subject }) => subject === null && !recorded.has(digest)),
    ),
  }
}

function namesOf(tokens: readonly Pick<TokenRecord, 'name'>[]): string[] {
  return [...new Set(tokens.map(({ name }) => name))].toSorted()
}
