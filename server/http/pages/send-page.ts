import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { requestId } from '../reply/request-id.ts'

/** A page that is the same for everybody, made once. */
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

/** A document that programs read. */
export function jsonPage(document: unknown): Page {
  return {
    bytes: Buffer.from(`${JSON.stringify(document, null, 2)}\n`),
    headers: ['Content-Type', 'application/json; charset=utf-8'],
  }
}

/** Answers GET and HEAD with a page. */
export function sendPage(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, headers }: Page,
  status: 200 | 404 = 200,
): void {
  response.writeHead(status, [
    ...headers,
    ...['Content-Length', String(bytes.length), 'Cache-Control', 'no-cache'],
    ...['X-Content-Type-Options', 'nosniff', 'X-Request-Id', requestId(request)],
  ])
  response.end(request.method === 'HEAD' ? undefined : bytes)
}
