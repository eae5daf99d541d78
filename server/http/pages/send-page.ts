import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { requestId } from '../reply/request-id.ts'

/** A page as it is sent. */
export interface Page {
  bytes: Buffer
  headers: readonly string[]
}

/**
 * A page of HTML whose one style sheet is in it: nothing is loaded from anywhere, and no script runs (CSP level 3).
 *
 * @param style The text of its `<style>` element, which the policy names by its hash.
 */
export function htmlPage(html: string, style: string): Page {
  const hash = createHash('sha256').update(style).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
  return {
    bytes: Buffer.from(html),
    headers: [
      ...['Content-Type', 'text/html; charset=utf-8', 'Content-Security-Policy', policy],
      ...['Referrer-Policy', 'no-referrer'],
    ],
  }
}

/** What a page of the dashboard may do: load from this server and talk to it, and nothing else (CSP level 3). */
const DASHBOARD_POLICY = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'", "form-action 'self'"],
  ...["base-uri 'none'", "frame-ancestors 'none'"],
].join('; ')

/** A page of the dashboard, made for one reader. */
export function dashboardPage(html: string): Page {
  return {
    bytes: Buffer.from(html),
    headers: [
      ...['Content-Type', 'text/html; charset=utf-8', 'Content-Security-Policy', DASHBOARD_POLICY],
      ...['Referrer-Policy', 'same-origin', 'Vary', 'Cookie, Authorization'],
    ],
  }
}

/** A file whose name changes with its bytes: it need not be asked for again for a year (RFC 8246). */
export const IMMUTABLE = 'public, max-age=31536000, immutable'

/** Whether whoever asks takes gzip (RFC 9110 §12.5.3); a browser always does. */
export function acceptsGzip({ headers }: IncomingMessage): boolean {
  return /(?:^|,)\s*gzip\s*(?:,|;\s*q=(?!0(?:\.0*)?\s*(?:,|$))|$)/i.test(headers['accept-encoding'] ?? '')
}

/** A document that programs read. */
export function jsonPage(document: unknown): Page {
  return {
    bytes: Buffer.from(`${JSON.stringify(document, null, 2)}\n`),
    headers: ['Content-Type', 'application/json; charset=utf-8'],
  }
}

/** Answers with a page; to HEAD without content. */
export function sendPage(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, headers }: Page,
  status = 200,
  cacheControl = 'private, no-cache',
): void {
  response.writeHead(status, [
    ...headers,
    ...['Content-Length', String(bytes.length), 'Cache-Control', cacheControl],
    ...['X-Content-Type-Options', 'nosniff', 'X-Request-Id', requestId(request)],
  ])
  response.end(request.method === 'HEAD' ? undefined : bytes)
}
