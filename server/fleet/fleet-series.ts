import type { Clock } from '../time/clock.ts'
import { repeat } from '../time/repeat.ts'
import type { TagBots } from './fleet-census.ts'
import type { FleetEvent } from './fleet-event.ts'
import { keyOf } from './key-of.ts'

/** Milliseconds between two looks at the bots, and how long what was seen is kept. */
const STEP = 60_000
const KEPT = 24 * 60 * STEP

/** Bounds of memory: a point has a few hundred bytes, so that all of them stay below ten megabytes. */
const MOST_TAGS = 100
const MOST_CHANGES = 288
const MOST_RELEASES = 10

/** How many bots run a release; null: nothing yet, an unknown release, or one of those that few run. */
interface ReleaseBots {
  readonly release: number | null
  readonly bots: number
}

/** What the bots of a tag ran from a moment on. */
export interface TagPoint {
  readonly at: number
  readonly releases: readonly ReleaseBots[]
}

/** What was counted since the point before. */
export interface PollPoint {
  readonly at: number
  /** How long it counted, in milliseconds. */
  readonly milliseconds: number
  readonly polls: number
  readonly loads: number
  readonly transfers: number
}

export interface FleetSeriesDependencies {
  readonly takeCensus: () => Promise<readonly TagBots[]>
  /** How many polls this server has answered since its start. */
  readonly countPolls: () => number
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}

/**
 * What the bots did over the last day, minute by minute: for people who look at what changed when. It is kept in memory and
 * begins anew with each start, as it says itself; Prometheus keeps the same for longer.
 */
export class FleetSeries {
  readonly #dependencies: FleetSeriesDependencies
  readonly #tags = new Map<string, TagPoint[]>()
  #polls: PollPoint[] = []
  #since: number
  #lastAt: number
  #polledBefore = 0
  #failures = { loads: 0, transfers: 0 }
  #looking: Promise<void> | undefined
  readonly #stopping = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(dependencies: FleetSeriesDependencies) {
    this.#dependencies = dependencies
    this.#since = dependencies.clock.now()
    this.#lastAt = this.#since
  }

  start(): void {
    const look = async (): Promise<undefined> => {
      await this.look()
    }
    this.#running = repeat(
      { first: STEP, every: STEP },
      this.#stopping.signal,
      look,
      this.#dependencies.onFailure,
    )
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  /** Counts what was concluded about processes. */
  noteEvents(events: readonly FleetEvent[]): void {
    for (const { kind } of events) {
      if (kind === 'load-failed' || kind === 'restarted-while-loading') this.#failures.loads++
      else if (kind === 'transfer-failed') this.#failures.transfers++
    }
  }

  /** Looks at the bots now. */
  async look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    await this.#looking
  }

  /** What the bots of a tag ran, the oldest first; the first point is where what is known begins. */
  async readTag(model: string, tag: string): Promise<{ since: number; until: number; points: TagPoint[] }> {
    await this.#catchUp()
    const points = this.#tags.get(keyOf(model, tag)) ?? []
    const since = points[0]?.at ?? this.#begin
    return { since, until: this.#lastAt, points }
  }

  /** Polls and failures, the oldest first. */
  async readPolls(): Promise<{ since: number; points: readonly PollPoint[] }> {
    await this.#catchUp()
    return { since: this.#begin, points: this.#polls }
  }

  /** Seconds between two looks. */
  get seconds(): number {
    return STEP / 1000
  }

  get #begin(): number {
    return Math.max(this.#since, this.#lastAt - KEPT)
  }

  /** Whoever reads may come before the next look, or while none are taken. */
  async #catchUp(): Promise<void> {
    const isFirst = this.#lastAt === this.#since
    if (isFirst || this.#dependencies.clock.now() - this.#lastAt >= STEP) await this.look()
  }

  async #look(): Promise<void> {
    const { takeCensus, countPolls, clock } = this.#dependencies
    const census = await takeCensus()
    const at = clock.now()
    if (at < this.#lastAt) this.#forget(at)
    const polled = countPolls()
    if (at > this.#lastAt) {
      const milliseconds = at - this.#lastAt
      this.#polls.push({ at, milliseconds, polls: polled - this.#polledBefore, ...this.#failures })
      this.#polledBefore = polled
      this.#failures = { loads: 0, transfers: 0 }
    }
    this.#noteTags(census, at)
    this.#lastAt = at
    this.#polls = this.#polls.filter((point) => point.at > at - KEPT)
  }

  #noteTags(census: readonly TagBots[], at: number): void {
    const largest = census.toSorted((one, other) => other.all - one.all).slice(0, MOST_TAGS)
    const counted = new Map(largest.map((bots) => [keyOf(bots.model, bots.tag), releasesOf(bots)]))
    for (const key of [...this.#tags.keys(), ...counted.keys()]) {
      const points = this.#tags.get(key) ?? []
      this.#tags.set(key, addPoint(points, { at, releases: counted.get(key) ?? [] }))
    }
    for (const [key, points] of this.#tags) {
      const isIdle = points.every(({ releases }) => releases.length === 0)
      if (isIdle || (this.#tags.size > MOST_TAGS && !counted.has(key))) this.#tags.delete(key)
    }
  }

  /** The clock went back: what was seen at times that are yet to come means nothing. */
  #forget(at: number): void {
    this.#tags.clear()
    this.#polls = []
    this.#since = at
    this.#lastAt = at
  }
}

/** Adds what was seen now, where it is not what was seen before, and drops what is older than it is kept. */
function addPoint(points: readonly TagPoint[], point: TagPoint): TagPoint[] {
  const last = points.at(-1)
  const isSame = last !== undefined && JSON.stringify(last.releases) === JSON.stringify(point.releases)
  const all = isSame ? [...points] : [...points, point].slice(-MOST_CHANGES)
  const begin = point.at - KEPT
  // The last before that time holds on into it.
  const first = all.findLastIndex(({ at }) => at <= begin)
  if (first === -1) return all
  return [{ at: begin, releases: all[first]?.releases ?? [] }, ...all.slice(first + 1)]
}

function releasesOf({ releases }: TagBots): ReleaseBots[] {
  const known = [...releases].filter(([release]) => release !== null)
  const sorted = known.toSorted(([a, one], [b, other]) => other - one || (b ?? 0) - (a ?? 0))
  const told = sorted.slice(0, MOST_RELEASES).map(([release, bots]) => ({ release, bots }))
  const others = sorted.slice(MOST_RELEASES).reduce((sum, [, bots]) => sum + bots, releases.get(null) ?? 0)
  return others === 0 ? told : [...told, { release: null, bots: others }]
}
