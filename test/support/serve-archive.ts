import { createHash } from 'node:crypto'
import type { Answerer } from './lying-server.ts'

/** SHA-256 in hex. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export interface Serving {
  headers?: Record<string, string | undefined>
  status?: number
  /** What is sent instead of the archive. */
  body?: Uint8Array
  /** Ignores If-None-Match, as a cache in front may. */
  always?: boolean
  /** Ignores Range. */
  whole?: boolean
}

/** The headers with which Slipway sends an archive. */
export function truthfulHeaders(archive: Uint8Array, process?: string): Record<string, string> {
  const digest = digestOf(archive)
  return {
    etag: process === undefined ? `"${digest}"` : `"${digest}.${process}"`,
    'repr-digest': `sha-256=:${Buffer.from(digest, 'hex').toString('base64')}:`,
    'content-type': 'application/gzip',
    'content-length': archive.length.toString(),
    filename: `shop-${digest.slice(0, 12)}.tar.gz`,
    'slipway-release': '1',
  }
}

/** Serves an archive as Slipway does, but for what `lies` changes; undefined headers are left out. */
export function serveArchive(archive: Uint8Array, lies: Serving = {}): Answerer {
  return (request, response) => {
    const headers: Record<string, string> = {}
    const named = { ...truthfulHeaders(archive), ...lies.headers }
    for (const [name, value] of Object.entries(named)) if (value !== undefined) headers[name] = value
    const claim = request.headers['if-none-match']
    if (lies.always !== true && claim !== undefined && claim === headers['etag']) {
      response.writeHead(304, { etag: claim }).end()
      return
    }
    const body = lies.body ?? archive
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? -1)
    if (start >= 0 && lies.whole !== true && request.headers['if-range'] === headers['etag']) {
      if (start >= body.length) {
        response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end()
        return
      }
      const range = { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` }
      response
        .writeHead(206, { ...headers, ...range, 'content-length': body.length - start })
        .end(body.subarray(start))
      return
    }
    if (lies.body !== undefined && !('content-length' in (lies.headers ?? {})))
      headers['content-length'] = body.length.toString()
    response.writeHead(lies.status ?? 200, headers).end(body)
  }
}
