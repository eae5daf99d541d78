import { lookup as resolveByDns } from 'node:dns/promises'
import { request as requestHttp } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { once } from 'node:events'
import type { LookupFunction } from 'node:net'
import { allowedAddresses, type ResolvedAddress } from './allowed-addresses.ts'

/** Finds the addresses of a host; an address in digits is its own. */
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>

/** What came back. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** undefined: more than `maxBytes` of it came, and the rest was not read. */
  readonly body: string | undefined
}

export interface ExchangeOptions {
  /** JSON that is sent with POST; without one it is a GET, of which only the status is read. */
  readonly json: string | undefined
  /** Header fields besides those that every request has. */
  readonly headers?: Readonly<Record<string, string>>
  /** The body is read only where the answer has such a status. Every status unless said. */
  readonly isBodyRead?: (status: number) => boolean
  readonly maxBytes: number
  readonly resolve: Resolve | undefined
  /** Chooses among the addresses of the host; {@link allowedAddresses} unless said. */
  readonly allow?: (addresses: readonly ResolvedAddress[]) => ResolvedAddress[]
  /** Ends the exchange at any point. */
  readonly signal: AbortSignal
}

/** The name leads to no address that may be asked. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

const byDns: Resolve = (host) => resolveByDns(host, { all: true })

/**
 * Sends one request on a connection of its own, and reads the answer. Redirects are not followed.
 *
 * The name is resolved once, and the connection goes to the addresses that were looked at: a name that says something
 * else when it is asked again (DNS rebinding) leads nowhere else.
 *
 * @throws AddressRefused, or what ended it: `signal`, the resolver, the connection.
 */
export async function exchange(url: string, options: ExchangeOptions): Promise<Answer> {
  const { json: body, maxBytes, signal, headers = {}, isBodyRead = () => true } = options
  const addresses = await addressesOf(url, options)
  const { protocol } = new URL(url)
  const request = (protocol === 'https:' ? requestHttps : requestHttp)(url, {
    ...requestOptions(addresses),
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'Accept-Encoding': 'identity',
      'User-Agent': 'Slipway',
      ...(body === undefined
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
      ...headers,
    },
    signal,
  })
  // Beside `once` below, which listens only until there is a response: an abort while the body is read raises it too.
  request.on('error', () => undefined)
  request.end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const { statusCode: status = 0 } = response
  try {
    const text = body === undefined || !isBodyRead(status) ? '' : await readText(response, maxBytes)
    return { status, headers: response.headers, body: text }
  } finally {
    // What is not read any more may still fail, and nobody is interested.
    response.on('error', () => undefined)
    response.destroy()
  }
}

/**
 * The addresses of a URL's host that may be connected to.
 *
 * @throws AddressRefused where there is none; or what the resolver or `signal` says.
 */
export async function addressesOf(
  url: string,
  {
    resolve = byDns,
    allow = allowedAddresses,
    signal,
  }: Pick<ExchangeOptions, 'resolve' | 'allow' | 'signal'>,
): Promise<ResolvedAddress[]> {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')
  const addresses = allow(await unlessAborted(resolve(host), signal))
  if (addresses.length === 0) throw new AddressRefused(`${host} leads to no address that may be asked`)
  return addresses
}

/** `agent: false`: a connection of its own, closed after the answer. */
function requestOptions(addresses: readonly ResolvedAddress[]): RequestOptions {
  const [first] = addresses
  const lookup: LookupFunction = (_host, { all }, callback) => {
    if (all === true) callback(null, [...addresses])
    else callback(null, first?.address ?? '', first?.family)
  }
  return { agent: false, lookup }
}

async function readText(response: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A resolver cannot be told to end; nobody waits for it then. */
async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => {
    reject(signal.reason as Error)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
    // Where the signal won, the resolver's failure is nobody's.
    work.catch(() => undefined)
  }
}
