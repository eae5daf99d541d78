import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../eventually.ts'
import { PollingBot } from '../polling-bot.ts'

/** A bot that runs what its tag points at, which nobody moves: whatever else is away, a server that runs tells it so. */
export class BotInSync {
  /** How often it was told so. */
  polls = 0
  readonly #bot: PollingBot
  readonly #url: string
  readonly #faults = new Set<string>()
  #ends = false
  #running: Promise<void> | undefined

  /** @param url Of the server that it polls. */
  constructor(url: string, reference: string, name: string) {
    this.#url = url
    this.#bot = new PollingBot(`${url}/models/${reference}`, name)
  }

  /**
   * Has it load what the tag points at, and then poll again and again.
   *
   * @param answers Whether the server is to answer now.
   */
  async start(answers: () => boolean): Promise<void> {
    await eventually('it is in sync', async () => (await this.#bot.poll()) === 304)
    this.#running = this.#poll(answers)
  }

  /** Answers that it may not get. */
  faults(): string[] {
    return [...this.#faults]
  }

  async stop(): Promise<void> {
    this.#ends = true
    await this.#running
  }

  async #poll(answers: () => boolean): Promise<void> {
    while (!this.#ends) {
      const didAnswer = answers()
      const status = await this.#bot.poll().catch(() => 0)
      if (status === 304) this.polls++
      else if (didAnswer && answers())
        this.#faults.add(`a bot in sync was answered ${status} at ${this.#url}`)
      await delay(100)
    }
  }
}
