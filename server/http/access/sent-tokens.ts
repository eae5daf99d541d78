import type { IncomingMessage } from 'node:http'
import { readQuery } from './request-query.ts'
import { tokenInCookie } from './token-cookie.ts'

const BEARER = /^Bearer +(\S+) *$/i
const BASIC = /^Basic +([A-Za-z0-9+/_=-]+) *$/i

const NONE: readonly string[] = []

/**
 * The tokens that a request carries: at most one in its header and one in its query, where Rasa sends it. Without either, the
 * one in the cookie of a page: whoever names a token means it.
 */
export function sentTokens(request: IncomingMessage): readonly string[] {
  const { headers, method, url = '' } = request
  if (headers.authorization === undefined && headers.cookie === undefined && !url.includes('?')) return NONE
  const tokens: string[] = []
  const header = headers.authorization
  if (header !== undefined) tokens.push(...tokenInHeader(header))
  if (method === 'GET' || method === 'HEAD') {
    const { token } = readQuery(url)
    if (token !== null) tokens.push(token)
  }
  if (tokens.length === 0 && headers.cookie !== undefined) {
    const token = tokenInCookie(request)
    if (token !== undefined) tokens.push(token)
  }
  return tokens
}

function tokenInHeader(header: string): string[] {
  const bearer = BEARER.exec(header)?.[1]
  if (bearer !== undefined) return [bearer]
  const basic = BASIC.exec(header)?.[1]
  if (basic === undefined) return []
  const pair = Buffer.from(basic, 'base64').toString()
  return [pair.slice(pair.indexOf(':') + 1)]
}
