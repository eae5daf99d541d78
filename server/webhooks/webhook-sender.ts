/** One message to a receiver. */
export interface WebhookRequest {
  readonly url: string
  /** The same for every attempt. */
  readonly message: string
  /** JSON. */
  readonly body: string
  /** What it is signed with; several while a secret is replaced. */
  readonly secrets: readonly string[]
}

/** What came of one attempt. */
export type AttemptResult =
  | { readonly kind: 'accepted'; readonly status: number }
  | {
      readonly kind: 'failed'
      /** null: nothing came back. */
      readonly status: number | null
      /** For people: `was answered 503`. */
      readonly reason: string
      /** Milliseconds that the receiver asked to be left alone. */
      readonly retryAfter: number | null
    }
  /** It was not asked: its name leads where webhooks must not go. */
  | { readonly kind: 'blocked'; readonly status: null; readonly reason: string }

/** Sends messages to receivers. */
export interface WebhookSender {
  /** Sends one message once; rejects only where `signal` aborts. */
  send(request: WebhookRequest, signal: AbortSignal): Promise<AttemptResult>
  /** Why a target can never be sent anything, by where its name leads now; undefined: it can, or nobody knows. */
  findRefusal(url: string): Promise<string | undefined>
}
