import type { KnownTokens } from './known-tokens.ts'

/** What may be done by whoever reaches the server, without a token. It changes when the first token is made. */
export interface OpenAccess {
  readonly pulls: boolean
  /** Everything else. */
  readonly changes: boolean
  /** Whether pulls are open only until there is a token that allows them. */
  readonly pullsCloseWithToken: boolean
  /** What tokens of the settings allow, whatever becomes of those in the catalog. */
  readonly settings: { readonly pull: boolean; readonly admin: boolean }
}

/** The settings that say who is let in. */
export interface AccessSettings {
  readonly pullToken: string | undefined
  readonly publishToken: string | undefined
  /** Whether pulls are open to all, wherever the server listens (SLIPWAY_ANONYMOUS). */
  readonly anonymousPulls: boolean
  /** Whether the server listens to this machine alone. */
  readonly isLocal: boolean
}

/**
 * What no token guards is open: pulls where there is none for bots, everything else where there is none at all, neither in the
 * settings nor in the catalog. Beyond this machine nothing is open by itself.
 */
export function openAccess(
  { pullToken, publishToken, anonymousPulls, isLocal }: AccessSettings,
  knownTokens: Pick<KnownTokens, 'isEmpty' | 'hasPullTokens'>,
): OpenAccess {
  const isPullTokenSet = pullToken !== undefined
  const isPublishTokenSet = publishToken !== undefined
  return {
    get pulls() {
      return !isPullTokenSet && (anonymousPulls || this.pullsCloseWithToken)
    },
    get changes() {
      return !isPublishTokenSet && isLocal && knownTokens.isEmpty
    },
    get pullsCloseWithToken() {
      return !isPullTokenSet && !anonymousPulls && isLocal && !knownTokens.hasPullTokens
    },
    settings: { pull: isPullTokenSet, admin: isPublishTokenSet },
  }
}
