import type { Echo } from '../../protocol/echo.ts'
import { askAsBot } from './exchange/bot-request.ts'
import type { BotReply, BotRequest } from './exchange/bot-request.ts'
import type { Trust } from './exchange/python-trust.ts'

/** What is diagnosed, and how. */
export interface DoctorTarget {
  /** Of the model, with `params` and the token in its query, as Rasa asks it. */
  url: URL
  /** Those that Rasa sends with it: of endpoints.yml, or the token of this machine. */
  headers: Readonly<Record<string, string>>
}

export interface DoctorOptions extends DoctorTarget {
  trust: Trust
  /** Milliseconds for which a large archive is read slowly; 0: not at all. */
  slow: number
  /** An upload that no server takes, with the token for it; undefined: none is tried. */
  upload: { bytes: number; headers: Readonly<Record<string, string>> } | undefined
  /** The Rasa of the bots, `3.6.21`; undefined: some Rasa 3. */
  rasaVersion?: string | undefined
  signal: AbortSignal
}

/** What a check asks for; the rest is the same for all. */
export type Question = Partial<Pick<BotRequest, 'method' | 'url' | 'condition' | 'extra'>>

/** Milliseconds without a byte after which a request is given up: a proxy answers 504 after 60 s. */
const SILENCE = 65_000

/** What the checks of one diagnosis have in common, and what the earlier ones learned. */
export class DoctorContext {
  readonly options: DoctorOptions
  /** Where the model is, after redirects. */
  url: URL
  /** Whether the server is Slipway; its fleet must not see the requests of the doctor as those of a bot. */
  isSlipway = false
  /** A request as it arrived, where the server echoes it. */
  echo: Echo | undefined
  /** The header fields of an answer of the model's address. */
  reply: Readonly<Record<string, string>> = {}

  constructor(options: DoctorOptions) {
    this.options = options
    this.url = options.url
  }

  /** Asks as Rasa does, on a connection of its own. @throws NoAnswer */
  ask(question: Question, send?: Parameters<typeof askAsBot>[1]): Promise<BotReply> {
    const { headers, trust, signal } = this.options
    const url = question.url ?? this.url
    // As aiohttp does not, we keep passwords from other origins than the one they are for.
    const sent = url.origin === this.options.url.origin ? headers : {}
    return askAsBot({ ...question, url, headers: sent, trust, silence: SILENCE, signal }, send)
  }

  /**
   * A diagnostic address of the server, for the model that is diagnosed, with the query of the model's address; undefined where
   * that is none of a model of Slipway.
   */
  api(path: string, parameters: Readonly<Record<string, string>> = {}): URL | undefined {
    const [, prefix = '', model] = /^(.*)\/models\/([^/@]+)(?:@[^/]*)?$/.exec(this.url.pathname) ?? []
    if (model === undefined) return undefined
    const url = new URL(this.url)
    url.pathname = `${prefix}/api/v1/models/${model}/${path}`
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    return url
  }
}
