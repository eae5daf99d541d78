import type { Source, Target } from '../../../server/fleet/process-record.ts'
import type { EventQueue } from './event-queue.ts'
import type { Fault, Quality } from './faults.ts'
import type { FleetServer, SimulatedAnswer, SimulatedPoll } from './fleet-server.ts'
import type { Random } from './random.ts'

const SECOND = 1000

/** What a fleet's processes live in. */
export interface World {
  readonly queue: EventQueue
  readonly random: Random
  readonly server: FleetServer
  readonly faults: ReadonlySet<Fault>
  readonly intervalSeconds: number
  readonly loadSeconds: number
  /** Bots of which one load failed, where that is the fault. */
  readonly failedOnce: Set<string>
  /**
   * Bots for which a proxy took an archive that did not get through. From polls alone this is a failed load, so that three in a
   * row are evidence against the release; a proxy that does it over and over is told by its hint.
   */
  readonly droppedOnce: Set<string>
  qualityOf(target: Target): Quality
  /** Told of each answer before anything follows from it. */
  onAnswer(process: SimulatedProcess, poll: SimulatedPoll, answer: SimulatedAnswer): void
}

/** One Rasa process, as it was measured: polls, takes an archive, loads it in silence, and says by its next poll how it went. */
export class SimulatedProcess {
  readonly name: string
  readonly world: World
  readonly source: Source
  readonly bot: string
  readonly #onDeath: () => void
  runs: Target | null = null
  activity: 'idle' | 'transferring' | 'loading' | 'hung' | 'dead' = 'idle'
  lastPoll = -Infinity
  /** The digest that its last poll carried; null: its bare name. */
  lastSaid: string | null = null
  #life = 0
  /** The offer that it was sent last. */
  #stream = ''

  constructor(world: World, bot: string, source: Source, onDeath: () => void) {
    this.world = world
    this.bot = bot
    this.source = source
    this.#onDeath = onDeath
    this.name = world.random.processName()
  }

  /** Begins to poll. */
  start(): void {
    this.#later(this.world.random.between(0, 1), () => this.#poll())
  }

  /** Ends it; its supervisor may start another one. */
  die(): void {
    if (this.activity === 'dead') return
    this.activity = 'dead'
    this.#life++
    this.#onDeath()
  }

  /**
   * Its connection broke because the server went: it asks again at its next interval. A proxy that took the whole archive goes on
   * sending it.
   */
  breakOff(isBroken: (stream: string) => boolean): void {
    if (
      this.activity !== 'transferring' ||
      !isBroken(this.#stream) ||
      this.world.faults.has('a proxy buffers archives')
    )
      return
    this.#life++
    this.#rest()
  }

  async #poll(): Promise<void> {
    const { random, faults, server, queue } = this.world
    if (faults.has('polls get lost') && random.chance(0.2)) {
      this.#rest()
      return
    }
    let answer = await this.#ask()
    if (faults.has('polls come twice') && random.chance(0.2)) {
      const again = await this.#ask()
      if (answer.status === 200) await server.cut(this.name, answer.stream, queue.now)
      answer = again
    }
    await this.#follow(answer, server)
  }

  async #ask(): Promise<SimulatedAnswer> {
    const { faults, server, queue } = this.world
    const isStripped = faults.has('a proxy takes entity tags away')
    const isWeak = faults.has('a proxy weakens entity tags') && this.runs !== null
    const poll: SimulatedPoll = {
      process: this.name,
      source: this.source,
      digest: isStripped ? null : (this.runs?.digest ?? null),
      hints: isWeak ? ['etag-rewritten'] : [],
    }
    this.lastPoll = queue.now
    this.lastSaid = poll.digest
    const answer = await server.poll(poll, queue.now)
    this.world.onAnswer(this, poll, answer)
    return answer
  }

  async #follow(answer: SimulatedAnswer, server: FleetServer): Promise<void> {
    if (answer.status !== 200) {
      this.#rest()
      return
    }
    const { random, faults, queue } = this.world
    this.activity = 'transferring'
    this.#stream = answer.stream
    const tooLong = faults.has('a transfer takes longer than 300 s') && random.chance(0.2)
    const seconds = tooLong
      ? 400
      : faults.has('transfers are slow')
        ? random.between(30, 250)
        : random.between(0.1, 3)
    if (faults.has('a proxy buffers archives')) {
      await server.sent(this.name, answer.stream, queue.now)
      const isDropped = random.chance(0.1) && this.#isFirst(this.world.droppedOnce)
      this.#later(seconds, () => {
        if (isDropped) this.#rest()
        else this.#load(answer.target)
      })
      return
    }
    const isCut = faults.has('transfers are cut') && random.chance(0.15)
    if (isCut || tooLong) {
      this.#later(isCut ? random.between(0, Math.min(seconds, 299)) : 300, async () => {
        if (random.chance(0.7)) await server.cut(this.name, answer.stream, queue.now)
        this.#rest()
      })
      return
    }
    this.#later(seconds, async () => {
      await server.sent(this.name, answer.stream, queue.now)
      this.#load(answer.target)
    })
  }

  #load(target: Target): void {
    const { random, faults, loadSeconds } = this.world
    this.activity = 'loading'
    const quality = this.world.qualityOf(target)
    const slow = faults.has('loads are slow') ? random.between(2, 8) : 1
    const seconds = loadSeconds * slow * random.between(0.8, 1.2)
    const isCrash = quality === 'crashing' || (faults.has('bots crash while they load') && random.chance(0.1))
    const isFailure = quality === 'broken' || this.#failsThisOnce()
    if (quality === 'hanging') {
      this.activity = 'hung'
      return
    }
    this.#later(isFailure ? random.between(0.1, 5) : seconds, () => {
      if (isCrash) {
        this.die()
        return
      }
      if (!isFailure) this.runs = this.world.faults.has('a proxy takes entity tags away') ? null : target
      this.#rest()
    })
  }

  #failsThisOnce(): boolean {
    const { faults, failedOnce } = this.world
    return faults.has('a load fails once') && this.#isFirst(failedOnce)
  }

  /** Whether its bot is not among those yet; it is then. */
  #isFirst(bots: Set<string>): boolean {
    const isFirst = !bots.has(this.bot)
    bots.add(this.bot)
    return isFirst
  }

  #rest(): void {
    const { random, faults, intervalSeconds } = this.world
    this.activity = 'idle'
    if (faults.has('bots crash now and then') && random.chance(0.002)) {
      this.die()
      return
    }
    const late = faults.has('polls are late') ? random.between(0, intervalSeconds) : 0
    this.#later(intervalSeconds + late, () => this.#poll())
  }

  #later(seconds: number, run: () => unknown): void {
    const life = this.#life
    this.world.queue.after(seconds * SECOND, () => (life === this.#life ? run() : undefined))
  }
}
