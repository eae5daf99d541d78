import { Counter, Gauge, Histogram, type Metric } from 'prom-client'
import type { FleetEvent } from '../../fleet/fleet-event.ts'
import type { BotCount } from '../../fleet/list-fleet.ts'
import { BOT_STATES } from '../../../protocol/bot-states.ts'

/** From a small model on an idle machine to the slowest that was measured: 314 s for 22 MB. Seconds. */
const LOAD_BUCKETS = [5, 15, 30, 60, 120, 180, 300, 600, 1200]

/** What a load failed of, by the event that says so. */
const FAILURE_KINDS: Partial<Record<FleetEvent['kind'], string>> = {
  'load-failed': 'load',
  'transfer-failed': 'transfer',
  'restarted-while-loading': 'restart',
}

/** How many rollouts of a tag ended so. */
interface OutcomeCount {
  readonly model: string
  readonly tag: string
  readonly outcome: string
  readonly count: number
}

export interface FleetNumbers {
  /** Goes through all bots, and lets other work have its turn meanwhile. */
  readonly countBots: () => Promise<readonly BotCount[]>
  /** How rollouts ended since the start. */
  readonly rolloutOutcomes: () => readonly OutcomeCount[]
  /** Those that have not ended. */
  readonly rolloutsUnderWay: () => readonly { model: string; tag: string; state: string }[]
}

/** How bots and rollouts do, for Prometheus. Labels grow with models and tags, never with bots. */
export class FleetMetrics {
  readonly #loads = new Histogram({
    name: 'slipway_load_seconds',
    help: 'Seconds from the last byte of a release to the poll that showed that a process runs it.',
    buckets: LOAD_BUCKETS,
    registers: [],
  })
  readonly #failures = new Counter({
    name: 'slipway_load_failures_total',
    help: 'Offers that came to nothing: failed loads, failed transfers, and restarts while loading.',
    labelNames: ['model', 'kind'],
    registers: [],
  })
  readonly metrics: readonly Metric[]
  #counting: Promise<readonly BotCount[]> | undefined

  constructor({ countBots, rolloutOutcomes, rolloutsUnderWay }: FleetNumbers) {
    // Who scrapes while bots are counted gets that count: two scrapers cost no more than one.
    const count = (): Promise<readonly BotCount[]> =>
      (this.#counting ??= countBots().finally(() => {
        this.#counting = undefined
      }))
    const bots = new Gauge({
      name: 'slipway_bots',
      help: 'Bots by the tag that they poll and by what they do.',
      labelNames: ['model', 'tag', 'state'],
      registers: [],
      async collect() {
        const counts = await count()
        this.reset()
        for (const { model, tag } of counts)
          for (const state of BOT_STATES) this.set({ model, tag, state }, 0)
        for (const { model, tag, state, bots } of counts) this.set({ model, tag, state }, bots)
      },
    })
    const rollouts = new Counter({
      name: 'slipway_rollouts_total',
      help: 'Rollouts that have ended, by how.',
      labelNames: ['model', 'tag', 'outcome'],
      registers: [],
      collect() {
        this.reset()
        for (const { count, ...labels } of rolloutOutcomes()) this.inc(labels, count)
      },
    })
    const underWay = new Gauge({
      name: 'slipway_rollouts_under_way',
      help: 'Rollouts that have not ended, by their state; paused: it waits for a person.',
      labelNames: ['model', 'tag', 'state'],
      registers: [],
      collect() {
        this.reset()
        for (const { model, tag, state } of rolloutsUnderWay()) this.inc({ model, tag, state })
      },
    })
    this.metrics = [bots, rollouts, underWay, this.#failures, this.#loads]
  }

  /** Counts what was concluded about processes of a model. */
  readonly noteEvents = (model: string, events: readonly FleetEvent[]): void => {
    for (const event of events) {
      if (event.kind === 'loaded') this.#loads.observe(event.seconds)
      const kind = FAILURE_KINDS[event.kind]
      if (kind !== undefined) this.#failures.inc({ model, kind })
    }
  }
}
