import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { request } from 'undici'
import type { Authorization } from './gcs-authorization.ts'
import { toGcsNetworkError, toGcsStoreError } from './gcs-error.ts'
import type { GcsSettings } from '../store-settings.ts'

/** One request to the JSON API of Google Cloud Storage. */
export interface GcsRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  headers?: Record<string, string>
  body?: Uint8Array
  /** The object it is about, for errors. */
  key?: string
  signal: AbortSignal
  /** Statuses besides 2xx that are answers and not errors. */
  accept?: number[]
}

export interface GcsAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: Readable
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

  /** Makes one request; its errors come in the words of the port. The caller reads the body or destroys it. */
  async send(
    url: string,
    { method = 'GET', headers, body, key, signal, accept = [] }: GcsRequest,
  ): Promise<GcsAnswer> {
    try {
      const authorization = await this.#authorization()
      const answer = await request(url, {
        method,
        headers: { ...headers, ...(authorization ? { authorization } : {}) },
        body: body ?? null,
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

  /** Makes a request whose answer is JSON. */
  async json<T>(url: string, options: GcsRequest): Promise<T> {
    const { body } = await this.send(url, options)
    try {
      return JSON.parse(Buffer.concat(await body.toArray()).toString() || '{}') as T
    } catch (error) {
      throw toGcsNetworkError(error, this.settings)
    }
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy()
  }
}
