import type { Bot } from '../../../protocol/bot.ts'
import type { RolloutSummary } from '../../../protocol/rollout.ts'
import type { ApiClient } from '../../api/api-client.ts'
import { listBots } from '../../api/bots.ts'
import { pushArchive } from '../../api/push-archive.ts'
import { listRollouts } from '../../api/rollouts.ts'
import { promote } from '../../api/move-tag.ts'
import { PullFailure } from '../../failure.ts'
import { pause } from '../../timing/pause.ts'
import type { Tell } from './tell.ts'

const PRODUCTION = { model: 'shop', tag: 'production' }
/** First one bot, then all. */
const STEPS = { steps: [1, '100%'] }
/** Milliseconds between two looks at what has happened. */
const LOOK = 100
/** The longest that anything may take, in milliseconds; on an idle machine each takes a few seconds. */
const LONGEST = 60_000

/** The chapters of the demo, each told from what the server says. */
export class DemoStory {
  readonly #client: ApiClient
  readonly #tell: Tell
  readonly #signal: AbortSignal

  constructor(client: ApiClient, tell: Tell, signal: AbortSignal) {
    this.#client = client
    this.#tell = tell
    this.#signal = signal
  }

  async publishFirst(file: string): Promise<void> {
    await pushArchive(this.#client, { file, model: PRODUCTION.model, tags: [PRODUCTION.tag] })
    this.#tell('Release 1 of the model "shop" is published, and the tag production points at it')
  }

  async everyBotRuns(release: number, count: number): Promise<void> {
    const bots = await this.#until(
      (bots) => bots.length === count && bots.every((bot) => bot.release === release),
    )
    this.#tell(`${listed(bots.map(({ bot }) => bot))} polled, loaded release ${release}, and run it`)
  }

  /** A good release goes to one bot, then to all. */
  async bringOut(file: string): Promise<void> {
    const release = await this.#publish(file)
    this.#tell(`Release ${release} is published and promoted: first to one bot, then to all (steps 1, 100%)`)
    const [first] = (await this.#until((bots) => bots.some((bot) => bot.release === release))).filter(
      (bot) => bot.release === release,
    )
    this.#tell(
      `${first?.bot ?? 'One bot'} was seen running release ${release}; the others keep release ${release - 1}`,
    )
    await this.#ended('done')
    this.#tell(`Every bot was seen running release ${release}: the rollout is done`)
  }

  /** A release that no bot can load is tried on one bot, and taken back. */
  async revert(file: string): Promise<void> {
    const release = await this.#publish(file)
    this.#tell(
      `Release ${release} is published and promoted in the same steps; no bot can load it, which nobody knows yet`,
    )
    let failures = 0
    const rollout = await this.#ended('reverted', async () => {
      for (const { bot, failures: failed } of await listBots(this.#client, PRODUCTION)) {
        if (failed === null || failed.release !== release || failed.loads <= failures) continue
        failures = failed.loads
        this.#tell(
          `${bot} could not load release ${release} (attempt ${failures}), and goes on with release ${release - 1}`,
        )
      }
    })
    this.#tell(`Slipway takes it back: ${rollout.reason ?? 'it failed'}`)
    const bots = await this.#until((all) => all.every((bot) => bot.release === release - 1))
    const others = bots.filter((bot) => bot.failures === null).map(({ bot }) => bot)
    this.#tell(`All run release ${release - 1}; ${listed(others)} were never sent release ${release}`)
  }

  async #publish(file: string): Promise<number> {
    const { number } = await pushArchive(this.#client, { file, model: PRODUCTION.model, tags: [] })
    await promote(this.#client, PRODUCTION, number, { policy: STEPS })
    return number
  }

  /** Waits for bots to be so. */
  #until(isSo: (bots: Bot[]) => boolean): Promise<Bot[]> {
    return this.#eventually(async () => {
      const bots = await listBots(this.#client, PRODUCTION)
      return isSo(bots) ? bots : undefined
    })
  }

  /** Waits for the last rollout to end so, looking at something else meanwhile. */
  #ended(state: RolloutSummary['state'], meanwhile = () => Promise.resolve()): Promise<RolloutSummary> {
    return this.#eventually(async () => {
      const [rollout] = await listRollouts(this.#client, PRODUCTION.model, PRODUCTION.tag, 1)
      await meanwhile()
      return rollout?.state === state ? rollout : undefined
    })
  }

  async #eventually<Found>(look: () => Promise<Found | undefined>): Promise<Found> {
    const end = performance.now() + LONGEST
    for (;;) {
      this.#signal.throwIfAborted()
      const found = await look()
      if (found !== undefined) return found
      if (performance.now() > end)
        throw new PullFailure('source', `the demo gave up after ${LONGEST / 1000} s`)
      await pause(LOOK, this.#signal)
    }
  }
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}
