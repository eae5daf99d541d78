import { request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { errorCode } from '../../failure.ts'
import type { Trust } from './python-trust.ts'

/** What a bot asks for. */
export interface BotRequest {
  method?: 'GET' | 'HEAD' | 'POST'
  url: URL
  /** Those of endpoints.yml, and `authorization`. */
  headers: Readonly<Record<string, string>>
  /** `If-None-Match`: the hex of a fresh process, or the entity tag of the model that it runs. */
  condition?: string
  /** Other fields than Rasa sends: `Range`, or what describes a body. */
  extra?: Readonly<Record<string, string>>
  trust: Trust
  /** Milliseconds without a byte after which the request has failed. */
  silence: number
  signal: AbortSignal
}

/** The head of an answer; its body is still to be read. */
export interface BotReply {
  status: number
  /** Lower-case names; lines of one name are joined with commas. */
  headers: Record<string, string>
  /** Milliseconds from the request to the head. */
  milliseconds: number
  tls: TlsFacts | undefined
  message: IncomingMessage
  /** Ends the connection, as aiohttp does after each pull. */
  close(): void
}

/** What is known of an encrypted connection. */
export interface TlsFacts {
  protocol: string
  /** Milliseconds since 1970 at which the certificate ends. */
  validUntil: number
}

/** How a request failed before there was an answer. */
export interface ConnectionFailure {
  kind: 'refused' | 'unknown-host' | 'silent' | 'tls' | 'not-http' | 'closed' | 'other'
  /** The code of the system, of OpenSSL or of the parser. */
  code: string
  message: string
}

/** A request that got no answer. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  readonly failure: ConnectionFailure

  constructor(failure: ConnectionFailure, cause: unknown) {
    super(failure.message, { cause })
    this.failure = failure
  }
}

/** What Rasa 3.6.21 sends on Python 3.10; filters look at it. */
const USER_AGENT = 'Python/3.10 aiohttp/3.9.5'

/**
 * Sends one request exactly as Rasa's aiohttp does: the same fields in the same order, on a connection of its own.
 * Redirects are not followed here.
 *
 * @param send Writes the body and ends the request; without it there is none.
 * @throws NoAnswer
 */
export function askAsBot(asked: BotRequest, send?: (request: ClientRequest) => void): Promise<BotReply> {
  const { method = 'GET', url, headers, condition, extra = {}, trust, silence, signal } = asked
  const begun = performance.now()
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = start(url, {
      method,
      agent: false,
      setDefaultHeaders: false,
      headers: {
        Host: url.host,
        ...headers,
        ...(condition === undefined ? {} : { 'If-None-Match': condition }),
        Accept: '*/*',
        'Accept-Encoding': 'gzip, deflate',
        'User-Agent': USER_AGENT,
        ...extra,
      },
      timeout: silence,
      signal,
      ...(url.protocol === 'https:' ? { ca: trust.ca, ALPNProtocols: ['http/1.1'] } : {}),
    })
    request.on('timeout', () => request.destroy(new Silent(silence)))
    request.on('error', (error) => {
      reject(signal.aborted ? (signal.reason as Error) : new NoAnswer(failureOf(error), error))
    })
    request.on('response', (message) => {
      resolve({
        status: message.statusCode ?? 0,
        headers: joined(message),
        milliseconds: performance.now() - begun,
        tls: tlsFacts(message),
        message,
        close: () => request.destroy(),
      })
    })
    if (send === undefined) request.end()
    else send(request)
  })
}

class Silent extends Error {
  readonly code = 'ETIMEDOUT'
  constructor(milliseconds: number) {
    super(`nothing came for ${milliseconds / 1000} s`)
  }
}

function joined({ headersDistinct }: IncomingMessage): Record<string, string> {
  const entries = Object.entries(headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')])
  return Object.fromEntries(entries) as Record<string, string>
}

function tlsFacts({ socket }: IncomingMessage): TlsFacts | undefined {
  if (!('getPeerCertificate' in socket)) return undefined
  const encrypted = socket as TLSSocket
  return {
    protocol: encrypted.getProtocol() ?? 'TLS',
    validUntil: Date.parse(encrypted.getPeerCertificate().valid_to),
  }
}

const KINDS: Readonly<Record<string, ConnectionFailure['kind']>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
  ETIMEDOUT: 'silent',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
}

/** What Node says of certificates that it does not accept (nodejs.org/api/tls.html, X509 certificate error codes). */
const OF_CERTIFICATES =
  /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_|INVALID_CA|HOSTNAME_MISMATCH|EPROTO)/

function failureOf(error: unknown): ConnectionFailure {
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  const code = errorCode(inner) ?? errorCode(error) ?? 'unknown'
  const message = inner instanceof Error ? inner.message : String(inner)
  if (OF_CERTIFICATES.test(code)) return { kind: 'tls', code, message }
  if (code.startsWith('HPE_')) return { kind: 'not-http', code, message }
  return { kind: KINDS[code] ?? 'other', code, message }
}
