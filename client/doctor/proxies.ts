/** The proxies that can be told by what they leave in answers and requests. */
export const PROXIES = ['nginx', 'Apache', 'HAProxy', 'Caddy', 'Squid', 'Envoy'] as const

/** @see PROXIES */
export type Proxy = (typeof PROXIES)[number]

/** What a proxy is recognised by, in `Server`, `Via` and what else it adds. */
const MARKS: Readonly<Record<Proxy, (fields: Fields) => boolean>> = {
  nginx: (fields) => /nginx|openresty/i.test(fields['server'] ?? ''),
  Apache: (fields) => /apache/i.test(names(fields)),
  HAProxy: (fields) => /haproxy/i.test(names(fields)),
  Caddy: (fields) => /caddy/i.test(names(fields)),
  Squid: (fields) => /squid/i.test(names(fields)) || fields['x-squid-error'] !== undefined,
  Envoy: (fields) => /envoy/i.test(names(fields)) || fields['x-envoy-upstream-service-time'] !== undefined,
}

function names(fields: Fields): string {
  return `${fields['server'] ?? ''} ${fields['via'] ?? ''}`
}

type Fields = Readonly<Record<string, string | undefined>>

/**
 * The proxies that left a mark, the nearest to the bot first where that can be told.
 *
 * @param reply The header fields of an answer.
 * @param request Those that arrived at the server, where it echoes them.
 */
export function proxiesSeen(reply: Fields, request: Fields = {}): Proxy[] {
  return PROXIES.filter((proxy) => MARKS[proxy](reply) || MARKS[proxy]({ via: request['via'] }))
}

/** What stands between as its own words have it, for people: `nginx/1.22.1`, `1.1 squid (squid/5.7)`. */
export function describeWay(reply: Fields, request: Fields = {}): string[] {
  const said = [reply['server'], reply['via'], request['via']].filter(
    (text) => text !== undefined && text !== '',
  )
  return [...new Set(said as string[])]
}
