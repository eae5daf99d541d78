import type { Catalog } from '../catalog/catalog.ts'
import type { Clock } from '../time/clock.ts'
import { repeat, type Schedule } from '../time/repeat.ts'
import type { KnownTokens } from './known-tokens.ts'

/** "A revocation reaches every server within 5 s" (docs/access.md). */
const REFRESH: Schedule = { first: 1_000, every: 1_000 }

/** To the minute is precise enough for whoever looks for tokens that nobody uses. */
const NOTE_USE: Schedule = { first: 60_000, every: 60_000 }

/** How long a token that was issued for a run of CI is told of after it ended: there may be 86,400 a day. The audit knows of them for longer. */
const KEPT_MILLISECONDS = 2 * 24 * 60 * 60_000

export interface FollowTokensDependencies {
  readonly catalog: Catalog
  readonly clock: Clock
  readonly knownTokens: KnownTokens
  /** Told when the catalog did not answer; it is asked again. */
  readonly onFailure: (error: unknown) => void
}

/**
 * Has the tokens in memory follow those of the catalog, and the catalog learn which were used.
 *
 * @returns what resolves when it has ended.
 */
export async function followTokens(
  dependencies: FollowTokensDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { catalog, knownTokens, onFailure } = dependencies
  await Promise.all([
    repeat(REFRESH, signal, () => knownTokens.refresh(catalog).then(nothing), onFailure),
    repeat(NOTE_USE, signal, () => noteUse(dependencies).then(nothing), onFailure),
  ])
}

/** Writes down which tokens were used, and forgets issued ones that are long over. */
export async function noteUse({ catalog, clock, knownTokens }: FollowTokensDependencies): Promise<void> {
  const now = clock.now()
  const hasDropped = knownTokens.dropEnded(now)
  const used = knownTokens.takeUsed()
  if (used.length === 0 && !hasDropped) return
  await catalog.writeShared(async (writer) => {
    await writer.noteTokensUsed(used, now)
    await writer.forgetIssuedTokens(now - KEPT_MILLISECONDS)
  })
}

const nothing = (): undefined => undefined
