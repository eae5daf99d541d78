import type { Agent, Dispatcher } from 'undici'
import type { z } from 'zod'
import { PullFailure } from '../failure.ts'
import { connections, exchange } from '../http/exchange.ts'
import type { Reply } from '../http/exchange.ts'
import { problemLine, readProblem, readShortBody } from '../http/problem-detail.ts'
import { backOff } from '../timing/back-off.ts'
import { parseRetryAfter } from '../timing/retry-after.ts'
import { pause } from '../timing/pause.ts'

/** One call of the API. */
export interface ApiCall {
  method: Dispatcher.HttpMethod
  /** Below the server's address, without a leading slash: `api/v1/models`. */
  path: string
  query?: Record<string, string | string[] | undefined>
  json?: unknown
  headers?: Record<string, string>
  /** Makes the body anew for each attempt, since a stream can be sent once only. */
  body?: () => Dispatcher.DispatchOptions['body']
  expectContinue?: boolean
  /** False where doing it twice is not the same as doing it once. */
  repeatable?: boolean
}

export interface ApiClientOptions {
  /** Ends with a slash. */
  url: URL
  token: string | undefined
  signal: AbortSignal
}

const ATTEMPTS = 5
const PATIENCE = 30_000
/** No JSON reply is longer. */
const LONGEST = 64 * 1024 * 1024

/** The management API of a server, with its replies checked against the schemas of the wire. */
export class ApiClient {
  readonly #options: ApiClientOptions
  readonly #agent: Agent = connections(PATIENCE)

  constructor(options: ApiClientOptions) {
    this.#options = options
  }

  /**
   * Makes a call; again where the server is away or asks for patience, since most calls may be repeated
   * (publishing the same bytes twice is one release; a tag that is there already stays).
   *
   * @throws PullFailure with what the server said.
   */
  call<Schema extends z.ZodType>(call: ApiCall, schema: Schema): Promise<z.infer<Schema>> {
    return this.fetch(call, async (reply) =>
      parsed(await readShortBody(reply, LONGEST), schema, this.#options.url),
    )
  }

  /**
   * Makes a call whose answer is no JSON, as {@link call} does.
   *
   * @param read Reads the answer; called anew for each attempt.
   */
  async fetch<Result>(call: ApiCall, read: (reply: Reply) => Promise<Result>): Promise<Result> {
    const { signal } = this.#options
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(call, read)
      } catch (error) {
        signal.throwIfAborted()
        if (
          !(error instanceof PullFailure) ||
          !error.again ||
          call.repeatable === false ||
          attempt >= ATTEMPTS
        )
          throw error
        const wait = Math.max(backOff(attempt, 0, Math.random()), error.retryAfter ?? 0)
        if (wait > PATIENCE) throw error
        await pause(wait, signal)
      }
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async #once<Result>(call: ApiCall, read: (reply: Reply) => Promise<Result>): Promise<Result> {
    const { token, signal } = this.#options
    const headers: Record<string, string> = {
      accept: 'application/json',
      'user-agent': 'slipway',
      ...call.headers,
    }
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`
    if (call.json !== undefined) headers['content-type'] = 'application/json'
    const reply = await exchange(this.#agent, {
      method: call.method,
      url: this.#address(call),
      headers,
      body: call.body?.() ?? (call.json === undefined ? null : JSON.stringify(call.json)),
      expectContinue: call.expectContinue ?? false,
      signal,
    })
    if (reply.status >= 300) throw await refusal(reply, token)
    return read(reply)
  }

  #address({ path, query = {} }: ApiCall): URL {
    const address = new URL(path, this.#options.url)
    for (const [name, value] of Object.entries(query)) {
      for (const each of value === undefined ? [] : [value].flat()) address.searchParams.append(name, each)
    }
    return address
  }
}

/** The archive itself was refused: 413, 415, 422; and 400 where its digest does not agree. */
const UNSOUND = new Set([413, 415, 422])
const LATER = new Set([408, 425, 429])

async function refusal(reply: Reply, token: string | undefined): Promise<PullFailure> {
  const problem = await readProblem(reply)
  const { status } = reply
  const said = problem === undefined ? `the server answered ${status}` : problemLine(problem)
  const aboutArchive = problem?.code.startsWith('archive-') === true || problem?.code === 'digest-mismatch'
  const fault = token === undefined ? 'is not set' : 'holds a token that this server does not know'
  const advice = status === 401 ? ` SLIPWAY_TOKEN ${fault}` : ''
  return new PullFailure(UNSOUND.has(status) && aboutArchive ? 'unsound' : 'source', said + advice, {
    again: status >= 500 ? status !== 507 : LATER.has(status),
    retryAfter: parseRetryAfter(reply.headers['retry-after'], Date.now()),
  })
}

function parsed<Schema extends z.ZodType>(
  body: Buffer | undefined,
  schema: Schema,
  url: URL,
): z.infer<Schema> {
  try {
    const result = schema.safeParse(JSON.parse(body?.toString() ?? ''))
    if (result.success) return result.data
  } catch {
    // Not JSON: said below.
  }
  throw new PullFailure(
    'source',
    `${url.origin} answered something that is not Slipway's. Is SLIPWAY_URL right?`,
  )
}
