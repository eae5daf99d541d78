import type { IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { request } from 'undici'
import type { Authorization } from './gcs-authorization.ts'
import { toGcsNetworkError, toGcsStoreError } from './gcs-error.ts'
import type { GcsSettings } from '../store-settings.ts'

/** One request to the JSON API of Google Cloud Storage. */
export interface GcsRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  headers?: Record<string, string>
  body?: { blocks: AsyncIterable<Uint8Array>; length: number } | Uint8Array
  /** The object it is about, for errors. */
  key?: string
  signal: AbortSignal
  /** Statuses besides 2xx that are answers and not errors. */
  accept?: number[]
}

/** An answer whose body is still to come: it must be read, or discarded. */
export interface GcsDownload {
  status: number
  headers: IncomingHttpHeaders
  body: Readable
}

/** An answer that was read. */
export interface GcsAnswer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/**
 * The JSON API, spoken directly: Google's own client neither lets a download be aborted nor puts a precondition
 * on it, and takes STORAGE_EMULATOR_HOST for a path. Tokens come from Google's library.
 */
export class GcsConnection {
  readonly settings: GcsSettings
  readonly #authorization: Authorization
  readonly #endpoint: string
  readonly #dispatcher: Dispatcher

  constructor(settings: GcsSettings, authorization: Authorization, endpoint: string, dispatcher: Dispatcher) {
    this.settings = settings
    this.#authorization = authorization
    this.#endpoint = endpoint
    this.#dispatcher = dispatcher
  }

  /** The address of the bucket's objects, or of one of them, with a query. */
  url(key: string | undefined, query: Record<string, string> = {}, upload = false): string {
    const path = `${upload ? '/upload' : ''}/storage/v1/b/${encodeURIComponent(this.settings.bucket)}/o`
    const object = key === undefined ? '' : `/${encodeURIComponent(key)}`
    return `${this.#endpoint}${path}${object}?${new URLSearchParams(query).toString()}`
  }

  /** Makes one request; its errors are those of the port. The caller reads the body or discards it. */
  async download(
    url: string,
    { method = 'GET', headers, body = noBytes, key, signal, accept = [] }: GcsRequest,
  ): Promise<GcsDownload> {
    try {
      const authorization = await this.#authorization()
      const answer = await request(url, {
        method,
        headers: {
          ...headers,
          ...('blocks' in body ? { 'content-length': String(body.length) } : {}),
          ...(authorization ? { authorization } : {}),
        },
        body: 'blocks' in body ? Readable.from(body.blocks) : body.byteLength === 0 ? null : body,
        signal,
        dispatcher: this.#dispatcher,
      })
      const { statusCode: status } = answer
      if ((status >= 200 && status < 300) || accept.includes(status)) {
        return { status, headers: answer.headers, body: answer.body }
      }
      throw toGcsStoreError(status, await answer.body.text(), this.settings, key)
    } catch (error) {
      throw toGcsNetworkError(error, this.settings)
    }
  }

  /** Makes one request and reads its answer, which is short. */
  async send(url: string, options: GcsRequest): Promise<GcsAnswer> {
    const { status, headers, body } = await this.download(url, options)
    try {
      return { status, headers, text: await text(body) }
    } catch (error) {
      throw toGcsNetworkError(error, this.settings)
    }
  }

  /** Makes a request whose answer is JSON. */
  async json<T>(url: string, options: GcsRequest): Promise<T> {
    return this.parse(await this.send(url, options)) as T
  }

  /** @throws StoreUnavailable where an answer is no JSON. */
  parse({ text }: GcsAnswer): unknown {
    try {
      return JSON.parse(text === '' ? '{}' : text) as unknown
    } catch (error) {
      throw toGcsNetworkError(error, this.settings)
    }
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy()
  }
}

const noBytes = new Uint8Array()
