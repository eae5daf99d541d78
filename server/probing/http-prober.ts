import { setTimeout as delay } from 'node:timers/promises'
import { Semaphore } from '../../concurrency/semaphore.ts'
import type { Probe } from '../../protocol/rollout-policy.ts'
import type { Target } from '../fleet/process-record.ts'
import { probeUrl } from '../rollouts/probe-hosts.ts'
import type { ProbedBot, Prober } from '../rollouts/prober.ts'
import { exchange, type Resolve } from '../outgoing/exchange.ts'
import { reasonOf } from '../outgoing/reason-of.ts'
import { judgeAnswer, type ProbeReading } from './judge-answer.ts'

/** Rasa answers some kB; a retrieval model with long responses some hundred. */
const MAX_BYTES = 1024 * 1024

const TRIES = 3

/** What came of a probe of one bot. */
export interface ProbeReport extends ProbeReading, ProbedBot {
  readonly release: number
  /** As the policy has it, without its query, in which a token may stand. */
  readonly url: string
}

export interface HttpProberOptions {
  /** Patterns of hosts that may be asked, from `SLIPWAY_PROBE_HOSTS`. */
  readonly hosts: readonly string[]
  /** Told of each probe when its result stands. */
  readonly onReport: (report: ProbeReport) => void
  /** The system's, unless said. */
  readonly resolve?: Resolve
  /** Milliseconds of one try. */
  readonly tryMilliseconds?: number
  /** Milliseconds between two tries. */
  readonly pauseMilliseconds?: number
  /** Connections that are open at once. */
  readonly atOnce?: number
}

/**
 * Asks bots over HTTP, three times each and ten seconds apart; the last try counts. A bot that refuses connections, hangs, or
 * whose name is no host is unreachable.
 */
export class HttpProber implements Prober {
  readonly #options: Required<Omit<HttpProberOptions, 'resolve'>> & Pick<HttpProberOptions, 'resolve'>
  readonly #places: Semaphore

  constructor(options: HttpProberOptions) {
    this.#options = { tryMilliseconds: 10_000, pauseMilliseconds: 10_000, atOnce: 8, ...options }
    this.#places = new Semaphore(this.#options.atOnce)
  }

  async askProbe(
    { model, bot }: ProbedBot,
    { release }: Target,
    probes: readonly Probe[],
    signal: AbortSignal,
  ): Promise<ProbeReading['result']> {
    let result: ProbeReading['result'] = 'passed'
    try {
      for (const probe of probes) {
        const reading = await this.#read(bot, probe, signal)
        const [url = ''] = probe.url.split(/[?#]/)
        this.#options.onReport({ ...reading, model, bot, release, url })
        if (reading.result === 'failed') return 'failed'
        if (reading.result === 'unreachable') result = 'unreachable'
      }
      return result
    } catch (error) {
      if (!signal.aborted) throw error
      return 'unreachable'
    }
  }

  async #read(bot: string, probe: Probe, signal: AbortSignal): Promise<ProbeReading> {
    const url = probeUrl(probe.url, bot, this.#options.hosts)
    if (url === undefined) {
      return {
        result: 'unreachable',
        reason: 'the name of the bot makes no host that SLIPWAY_PROBE_HOSTS allows',
      }
    }
    for (let tries = 1; ; tries++) {
      const reading = await this.#places.run(() => this.#try(url, probe, signal), signal)
      if (reading.result === 'passed' || tries === TRIES) return reading
      await delay(this.#options.pauseMilliseconds, undefined, { signal, ref: false }).catch(() => {
        signal.throwIfAborted()
      })
    }
  }

  async #try(url: string, probe: Probe, signal: AbortSignal): Promise<ProbeReading> {
    const { tryMilliseconds, resolve } = this.#options
    const timeout = AbortSignal.timeout(tryMilliseconds)
    try {
      const json = 'text' in probe ? JSON.stringify({ text: probe.text }) : undefined
      const either = AbortSignal.any([signal, timeout])
      return judgeAnswer(probe, await exchange(url, { json, maxBytes: MAX_BYTES, resolve, signal: either }))
    } catch (error) {
      signal.throwIfAborted()
      const seconds = tryMilliseconds / 1000
      const reason = timeout.aborted ? `was not answered within ${seconds} s` : reasonOf(error)
      return { result: 'unreachable', reason }
    }
  }
}
