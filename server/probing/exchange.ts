import { lookup as resolveByDns } from 'node:dns/promises'
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { once } from 'node:events'
import type { LookupFunction } from 'node:net'
import { allowedAddresses, type ResolvedAddress } from './allowed-addresses.ts'

/** Finds the addresses of a host; an address in digits is its own. */
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>

/** What came back. */
export interface Answer {
  readonly status: number
  /** undefined: more than `maxBytes` of it came, and the rest was not read. */
  readonly body: string | undefined
}

export interface ExchangeOptions {
  /** Sent as JSON with POST; without one it is a GET, of which only the status is read. */
  readonly json: unknown
  readonly maxBytes: number
  readonly resolve: Resolve | undefined
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
  const { json, maxBytes, resolve = byDns, signal } = options
  const { hostname, protocol } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const addresses = allowedAddresses(await unlessAborted(resolve(host), signal))
  if (addresses.length === 0) throw new AddressRefused(`${host} leads to no address that may be asked`)
  const body = json === undefined ? undefined : JSON.stringify(json)
  const request = (protocol === 'https:' ? requestHttps : requestHttp)(url, {
    ...requestOptions(addresses),
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'Accept-Encoding': 'identity',
      'User-Agent': 'Slipway',
      ...(body === undefined
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
    },
    signal,
  })
  // Beside `once` below, which listens only until there is a response: an abort while the body is read raises it too.
  request.on('error', () => undefined)
  request.end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  try {
    return {
      status: response.statusCode ?? 0,
      body: json === undefined ? '' : await readText(response, maxBytes),
    }
  } finally {
    // What is not read any more may still fail, and nobody is interested.
    response.on('error', () => undefined)
    response.destroy()
  }
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
