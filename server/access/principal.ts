/** Who sent a request, as far as it can be known. */
export interface Principal {
  /** Recorded as the author of what it does. */
  readonly name: string
  /** The name of the token that it sent, where that is a token of its own: bots with such a token are called by it. */
  readonly token?: string
  /** Whom the token was issued to, where another system vouches for that. */
  readonly subject?: string
}

/** Whoever sends no token that is known. */
export const ANONYMOUS: Principal = { name: 'anonymous' }
