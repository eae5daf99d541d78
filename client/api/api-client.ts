import type { Agent, Dispatcher } from 'undici'
import type { z } from 'zod'
import { PullFailure } from '../failure.ts'
import { connections, exchange } from '../http/exchange.ts'
import type { Reply } from '../http/exchange.ts'
import { readShortBody } from '../http/read-short-body.ts'
import { backOff } from '../timing/back-off.ts'
import { pause } from '../timing/pause.ts'
import { failureOfResponse } from './response-failure.ts'

/** One call of the API. */
export interface ApiCall {
  method: Dispatcher.HttpMethod
  /** Below the server's address, without a leading slash: `api/v1/models`. */
  path: string
  query?: Record<string, string | string[] | undefined>
  json?: unknown
  headers?: Record<string, string>
  /**
   * Asked before each attempt after one that may have been done although no answer says so; it throws where it must not be sent again. What it
   * gives are header fields of that attempt. Its own calls, over the client that it gets, end when the time of this call is over.
   */
  beforeRepeat?: (client: ApiClient) => Promise<Record<string, string>>
  /** Makes the body anew for each attempt, since a stream can be sent once only. */
  body?: () => Dispatcher.DispatchOptions['body']
  expectContinue?: boolean
  /** Where the body or the answer is an archive: such a call may take longer than {@link ApiClientOptions.timeout}. */
  isTransfer?: boolean
  /**
   * False where doing it twice is not the same as doing it once; `while-undone`: again only as long as it was surely not done.
   */
  repeatable?: boolean | 'while-undone'
  /** The command that shows whether it was done, for whoever got no answer; only of calls that change something. */
  shownBy?: string | undefined
  /** Ends this call alone. */
  signal?: AbortSignal
}

export interface ApiClientOptions {
  /** Ends with a slash. */
  url: URL
  token: string | undefined
  signal: AbortSignal
  /** Told, in words, before a call waits to be tried again. */
  onWait?: ((message: string) => void) | undefined
  /** Milliseconds for which a call is tried in all; 30 s, since a person waits for it. */
  timeout?: number
}

const DEFAULT_TIMEOUT = 30_000
/** Waits longer than this are told, in milliseconds. */
const LONG_WAIT = 1_000
/** No JSON reply is longer. */
const MAX_REPLY_BYTES = 64 * 1024 * 1024

/** The management API of a server, with its replies checked against the schemas of the wire. */
export class ApiClient {
  readonly #options: ApiClientOptions
  readonly #timeout: number
  readonly #agent: Agent

  constructor(options: ApiClientOptions, agent?: Agent) {
    this.#options = options
    this.#timeout = options.timeout ?? DEFAULT_TIMEOUT
    this.#agent = agent ?? connections(this.#timeout)
  }

  /** The same client, over the same connections, whose calls end, with the reason of `signal`, when that aborts as well. @param isQuiet Whether nobody is told that they wait. */
  until(signal: AbortSignal, { isQuiet = false } = {}): ApiClient {
    const { onWait, ...others } = this.#options
    const options = {
      ...others,
      signal: AbortSignal.any([others.signal, signal]),
      ...(isQuiet ? {} : { onWait }),
    }
    return new ApiClient(options, this.#agent)
  }

  /**
   * Makes a call; again where the server is away or asks to wait, for 30 s in all, since most calls may be repeated
   * (publishing the same bytes twice is one release; a tag that is there already stays).
   *
   * @throws PullFailure with what the server said.
   */
  call<Schema extends z.ZodType>(call: ApiCall, schema: Schema): Promise<z.infer<Schema>> {
    return this.fetch(call, (reply) => this.#parse(reply, schema))
  }

  /** Makes a call as {@link call} does; undefined where its answer has no content (RFC 9110 §15.3.5). */
  callOptional<Schema extends z.ZodType>(
    call: ApiCall,
    schema: Schema,
  ): Promise<z.infer<Schema> | undefined> {
    return this.fetch(call, async (reply) => {
      if (reply.status !== 204) return this.#parse(reply, schema)
      await reply.cancel()
      return undefined
    })
  }

  /**
   * Makes a call as {@link call} does, whose answer has no content: 204 and nothing else. A proxy on the way answers 200 with a
   * page of its own.
   */
  callWithoutContent(call: ApiCall): Promise<void> {
    return this.fetch(call, async (reply) => {
      await reply.cancel()
      if (reply.status !== 204) throw this.#foreignAnswer()
    })
  }

  /** Makes a call as {@link call} does, and says the entity tag of the answer too; undefined where it has none. */
  callTagged<Schema extends z.ZodType>(
    call: ApiCall,
    schema: Schema,
  ): Promise<{ value: z.infer<Schema>; entityTag: string | undefined }> {
    return this.fetch(call, async (reply) => ({
      value: await this.#parse(reply, schema),
      entityTag: reply.headers['etag'],
    }))
  }

  /**
   * Makes a call whose answer is no JSON, as {@link call} does.
   *
   * @param read Reads the answer; called anew for each attempt.
   */
  async fetch<Result>(call: ApiCall, read: (reply: Reply) => Promise<Result>): Promise<Result> {
    const { signal, onWait } = this.#options
    // A transfer's time does not count, only that since it first failed.
    let deadline = call.isTransfer === true ? undefined : performance.now() + this.#timeout
    const isChange = call.method !== 'GET' && call.method !== 'HEAD'
    let mayBeDone = false
    for (let attempt = 1; ; attempt += 1) {
      try {
        const more = mayBeDone ? await this.#look(call, deadline) : undefined
        const made = more === undefined ? call : { ...call, headers: { ...call.headers, ...more } }
        return await this.#once(made, read, call.isTransfer === true ? undefined : deadline)
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof PullFailure)) throw error
        mayBeDone ||= isChange && error.mayBeDone
        const failure = mayBeDone ? withWayToLook(error, call.shownBy) : error
        if (!error.again || call.repeatable === false) throw failure
        if (mayBeDone && call.repeatable === 'while-undone') throw failure
        const wait = Math.max(backOff(attempt, 0, Math.random()), error.retryAfter ?? 0)
        deadline ??= performance.now() + this.#timeout
        if (performance.now() + wait >= deadline) throw failure
        if (wait > LONG_WAIT)
          onWait?.(`${error.message}; trying again in ${Math.ceil(wait / 1000)} s (Ctrl-C ends it)`)
        await pause(wait, signal)
        signal.throwIfAborted()
      }
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  /** Whether a call that may have been done may be sent again: the time for that is its own. @returns Header fields */
  async #look(
    { beforeRepeat }: ApiCall,
    deadline = performance.now() + this.#timeout,
  ): Promise<Record<string, string> | undefined> {
    if (beforeRepeat === undefined) return undefined
    return this.#inTime(deadline, (late) => beforeRepeat(this.until(late)))
  }

  /** @param deadline When the answer must be there, by `performance.now()`. */
  async #once<Result>(
    call: ApiCall,
    read: (reply: Reply) => Promise<Result>,
    deadline: number | undefined,
  ): Promise<Result> {
    const ending = [this.#options.signal, ...(call.signal === undefined ? [] : [call.signal])]
    if (deadline === undefined) return this.#send(call, read, AbortSignal.any(ending))
    return this.#inTime(deadline, (late) => this.#send(call, read, AbortSignal.any([...ending, late])))
  }

  /** Does something that is given up at a deadline. */
  async #inTime<Result>(deadline: number, work: (late: AbortSignal) => Promise<Result>): Promise<Result> {
    const late = AbortSignal.timeout(Math.max(1, Math.ceil(deadline - performance.now())))
    try {
      return await work(late)
    } catch (error) {
      this.#options.signal.throwIfAborted()
      if (!late.aborted) throw error
      throw new PullFailure(
        'source',
        `${this.#options.url.origin} did not answer within ${this.#timeout / 1000} s`,
        { again: false, mayBeDone: true, cause: error },
      )
    }
  }

  async #send<Result>(
    call: ApiCall,
    read: (reply: Reply) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    const { token } = this.#options
    const headers: Record<string, string> = {
      accept: 'application/json',
      'user-agent': 'slipway',
      ...call.headers,
    }
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`
    if (call.json !== undefined) headers['content-type'] = 'application/json'
    const reply = await this.#exchange({
      method: call.method,
      url: this.#address(call),
      headers,
      body: call.body ?? (call.json === undefined ? undefined : () => JSON.stringify(call.json)),
      expectContinue: call.expectContinue ?? false,
      signal,
    })
    if (reply.status >= 300) throw await failureOfResponse(reply, token)
    return read(reply)
  }

  async #exchange(request: Parameters<typeof exchange>[1]): Promise<Reply> {
    try {
      return await exchange(this.#agent, request)
    } catch (error) {
      if (!(error instanceof PullFailure) || error.kind !== 'source') throw error
      const { again, retryAfter, mayBeDone, cause } = error
      throw new PullFailure('source', `${error.message} (SLIPWAY_URL names the server)`, {
        again,
        retryAfter,
        mayBeDone,
        cause,
      })
    }
  }

  async #parse<Schema extends z.ZodType>(reply: Reply, schema: Schema): Promise<z.infer<Schema>> {
    const body = await readShortBody(reply, MAX_REPLY_BYTES)
    try {
      const result = schema.safeParse(JSON.parse(body?.toString() ?? ''))
      if (result.success) return result.data
    } catch {
      // Not JSON: said below.
    }
    throw this.#foreignAnswer()
  }

  #foreignAnswer(): PullFailure {
    const { origin } = this.#options.url
    return new PullFailure(
      'source',
      `${origin} gave an answer that is not from Slipway. Is SLIPWAY_URL right?`,
      // A proxy's page in place of the answer says nothing of what the server did.
      { again: false, mayBeDone: true },
    )
  }

  #address({ path, query = {} }: ApiCall): URL {
    const address = new URL(path, this.#options.url)
    for (const [name, value] of Object.entries(query)) {
      for (const each of value === undefined ? [] : [value].flat()) address.searchParams.append(name, each)
    }
    return address
  }
}

/** The failure of a call that may have been done, by this attempt or by one before: sent once more, a rollback goes one release further. */
function withWayToLook(failure: PullFailure, shownBy: string | undefined): PullFailure {
  if (shownBy === undefined) return failure
  const { kind, again, retryAfter, final, cause } = failure
  const joint = /[.?!]$/.test(failure.message) ? ' It' : '; it'
  const message = `${failure.message}${joint} may have been done all the same: look with "${shownBy}" before you send it again`
  return new PullFailure(kind, message, { again, retryAfter, final, cause, mayBeDone: true })
}
