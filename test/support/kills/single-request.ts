import { request } from 'node:http'
import { text } from 'node:stream/consumers'

/** What a request came to; status 0: the connection broke. */
export interface SingleAnswer {
  readonly status: number
  /** Undefined where there was none. */
  readonly body: unknown
}

/** What is asked for; a body that is no Buffer is sent as JSON. */
export interface SingleRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly body?: Buffer | object
}

/** Sends a request on a connection of its own: one that was kept may be closed by the server as it is used again. Never rejects. */
export function sendOnce(url: string, { method, path, body }: SingleRequest): Promise<SingleAnswer> {
  const { promise, resolve } = Promise.withResolvers<SingleAnswer>()
  const broken = () => {
    resolve({ status: 0, body: undefined })
  }
  const isJson = body !== undefined && !Buffer.isBuffer(body)
  const bytes = isJson ? Buffer.from(JSON.stringify(body)) : body
  const headers = {
    ...(bytes === undefined ? {} : { 'Content-Length': bytes.byteLength }),
    ...(isJson ? { 'Content-Type': 'application/json' } : {}),
  }
  const sent = request(`${url}${path}`, { method, headers, agent: false })
  sent.on('error', broken).on('response', (answer) => {
    const { statusCode: status = 0 } = answer
    text(answer).then((json) => {
      resolve({ status, body: json === '' ? undefined : JSON.parse(json) })
    }, broken)
  })
  sent.end(bytes)
  return promise
}
