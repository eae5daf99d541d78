import type { Hint } from './hint.ts'

// What compressing proxies append: Apache -gzip or -br, Jetty --gzip, some load balancers ;gzip, before or behind the quote.
const COMPRESSED = /(?:-{1,2}gzip|;gzip|-br)"?$/

// Rasa draws uuid4().hex; 32 other hex digits come from something else.
const NAME_LIKE = /^[0-9a-f]{32}$/
const VERSION_4 = /^[0-9a-f]{12}4[0-9a-f]{3}[89ab]/

/**
 * Reads from an `If-None-Match` value what happened to it on the way (docs/rollouts.md, "Hints").
 *
 * @returns An empty array for a value that is as it was sent.
 */
export function readHints(ifNoneMatch: string): Hint[] {
  const value = ifNoneMatch.trim()
  if (NAME_LIKE.test(value)) return VERSION_4.test(value) ? [] : ['not-rasa']
  const hints: Hint[] = []
  if (!value.startsWith('"')) hints.push('etag-rewritten')
  if (COMPRESSED.test(value)) hints.push('compressed-on-the-way')
  return hints
}
