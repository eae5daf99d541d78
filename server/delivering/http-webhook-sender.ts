import { Webhook } from 'standardwebhooks'
import { shownText } from '../../protocol/shown-text.ts'
import { allowedAddresses, publicAddresses } from '../outgoing/allowed-addresses.ts'
import { addressesOf, AddressRefused, exchange, type Answer, type Resolve } from '../outgoing/exchange.ts'
import { reasonOf } from '../outgoing/reason-of.ts'
import { isAllowedHost, targetRefusal } from '../webhooks/target-refusal.ts'
import type { AttemptResult, WebhookRequest, WebhookSender } from '../webhooks/webhook-sender.ts'

/** Receivers answer first and work later. */
const TIME_LIMIT = 10_000

/** A name that is looked up while somebody waits for the answer. */
const LOOKUP_LIMIT = 5_000

/** Of an answer that refuses, so much is read to say why. */
const MAX_BYTES = 4096

/** Of which a person is shown the beginning. */
const LONGEST_EXCERPT = 200

export interface HttpWebhookSenderOptions {
  /** Patterns of hosts that may lie elsewhere than on the public internet, from `SLIPWAY_WEBHOOK_HOSTS`. */
  readonly hosts: readonly string[]
  /** Milliseconds since 1970: the time of signatures. */
  readonly now: () => number
  /** The system's, unless said. */
  readonly resolve?: Resolve
  /** Milliseconds for one message, connection and answer included. */
  readonly timeLimit?: number
}

/**
 * Sends messages with POST, each on a connection of its own to an address that was looked at: what a name leads to is
 * decided once (DNS rebinding), no redirect is followed, and nothing is taken from the answer but its status and, where it
 * refuses, a few words.
 */
export class HttpWebhookSender implements WebhookSender {
  readonly #options: HttpWebhookSenderOptions

  constructor(options: HttpWebhookSenderOptions) {
    this.#options = options
  }

  async send({ url, message, body, secrets }: WebhookRequest, signal: AbortSignal): Promise<AttemptResult> {
    const { hosts, now, timeLimit = TIME_LIMIT } = this.#options
    // The settings may have changed since it was added.
    const refusal = targetRefusal(url, hosts)
    if (refusal !== undefined) return { kind: 'blocked', status: null, reason: `its address ${refusal}` }
    const timeout = AbortSignal.timeout(timeLimit)
    try {
      const answer = await exchange(url, {
        json: body,
        headers: signedHeaders(message, new Date(now()), body, secrets),
        isBodyRead: (status) => !isSuccess(status),
        maxBytes: MAX_BYTES,
        ...this.#resolving(url),
        signal: AbortSignal.any([signal, timeout]),
      })
      return judgeStatus(answer)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof AddressRefused) return { kind: 'blocked', status: null, reason: refusedWords(url) }
      const reason = timeout.aborted ? `was not answered within ${timeLimit / 1000} s` : reasonOf(error)
      return { kind: 'failed', status: null, reason, retryAfter: null }
    }
  }

  async findRefusal(url: string): Promise<string | undefined> {
    try {
      await addressesOf(url, { ...this.#resolving(url), signal: AbortSignal.timeout(LOOKUP_LIMIT) })
    } catch (error) {
      // A name that is not there yet, or a resolver that does not answer: deliveries will show it.
      if (error instanceof AddressRefused) return refusedWords(url)
    }
    return undefined
  }

  #resolving(url: string) {
    const { hosts, resolve } = this.#options
    return { resolve, allow: isAllowedHost(url, hosts) ? allowedAddresses : publicAddresses }
  }
}

function signedHeaders(message: string, at: Date, body: string, secrets: readonly string[]) {
  return {
    'webhook-id': message,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(message, at, body)).join(' '),
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function judgeStatus({ status, body, headers }: Answer): AttemptResult {
  if (isSuccess(status)) return { kind: 'accepted', status }
  const isRedirect = status >= 300 && status < 400
  const words = isRedirect ? 'redirects are not followed' : excerptOf(body)
  const reason = `was answered ${status}${words === '' ? '' : `: ${words}`}`
  return { kind: 'failed', status, reason, retryAfter: retryAfterOf(headers['retry-after']) }
}

/** Slack says `no_service`, Teams a sentence, others a page. */
function excerptOf(body: string | undefined): string {
  return body === undefined ? '' : shownText(body.replaceAll(/\s+/g, ' ').trim(), LONGEST_EXCERPT)
}

/** Milliseconds; dates (RFC 9110 §10.2.3) are of a clock that may be another. */
function retryAfterOf(field: string | undefined): number | null {
  return field !== undefined && /^\d{1,7}$/.test(field) ? Number(field) * 1000 : null
}

function refusedWords(url: string): string {
  const { hostname } = new URL(url)
  return `leads to no address on the public internet, which needs ${hostname} in SLIPWAY_WEBHOOK_HOSTS`
}
