import type { IncomingMessage } from 'node:http'
import { tokenInCookie } from './token-cookie.ts'

const BEARER = /^Bearer +(\S+) *$/i
const BASIC = /^Basic +([A-Za-z0-9+/_=-]+) *$/i

/**
 * The tokens that a request carries: at most one in its header and one in its query, where Rasa sends it. Without either, the
 * one in the cookie of a page: whoever names a token means it.
 */
export function sentTokens(request: IncomingMessage): string[] {
  const { headers, method, url = '' } = request
  const tokens: string[] = []
  const header = headers.authorization ?? ''
  const bearer = BEARER.exec(header)?.[1]
  if (bearer !== undefined) tokens.push(bearer)
  const basic = BASIC.exec(header)?.[1]
  if (basic !== undefined) {
    const pair = Buffer.from(basic, 'base64').toString()
    tokens.push(pair.slice(pair.indexOf(':') + 1))
  }
  const query = url.indexOf('?')
  if (query !== -1 && (method === 'GET' || method === 'HEAD')) {
    const token = new URLSearchParams(url.slice(query + 1)).get('token')
    if (token !== null) tokens.push(token)
  }
  if (tokens.length === 0 && headers.cookie !== undefined) {
    const token = tokenInCookie(request)
    if (token !== undefined) tokens.push(token)
  }
  return tokens
}
