import { createHash } from 'node:crypto'
import { newProcessName } from '../../../protocol/process-name.ts'
import { pause } from '../../timing/pause.ts'

/** Milliseconds between two polls. */
const INTERVAL = 300
/** Milliseconds that loading takes, whether it succeeds or not; a poll that came at once would look like a proxy's. */
const LOADING = 700

export interface DemoBotOptions {
  name: string
  /** Of the model on the server, with its tag. */
  url: string
  /** Whether it could load the archive with this digest. */
  canLoad: (digest: string) => boolean
}

/**
 * What a Rasa process is to a server: it polls with the name that it drew at its start until it has loaded a model, then with
 * the entity tag of the model that it runs, and with that one too after a load that failed.
 */
export class DemoBot {
  readonly name: string
  readonly #options: DemoBotOptions
  #tag = newProcessName()

  constructor(options: DemoBotOptions) {
    this.name = options.name
    this.#options = options
  }

  /** Polls until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#poll(signal)
      await pause(INTERVAL, signal)
    }
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { canLoad, name, url } = this.#options
    try {
      const answer = await fetch(`${url}?instance=${name}`, {
        headers: { 'If-None-Match': this.#tag },
        signal,
      })
      const archive = Buffer.from(await answer.arrayBuffer())
      if (answer.status !== 200) return
      await pause(LOADING, signal)
      if (canLoad(createHash('sha256').update(archive).digest('hex'))) {
        this.#tag = answer.headers.get('etag') ?? this.#tag
      }
    } catch {
      // As with Rasa: whatever went wrong, it goes on with what it runs, and asks again.
    }
  }
}
