import { Counter, type Metric } from 'prom-client'
import type { RolloutOutcomes } from '../rollouts/rollout-outcomes.ts'

/** How rollouts ended, for Prometheus. Labels grow with tags, never with bots. */
export function rolloutMetrics(outcomes: RolloutOutcomes): Metric[] {
  return [
    new Counter({
      name: 'slipway_rollouts_total',
      help: 'Rollouts that ended, by how.',
      labelNames: ['model', 'tag', 'outcome'],
      registers: [],
      collect() {
        this.reset()
        for (const { count, ...labels } of outcomes.all()) this.inc({ ...labels }, count)
      },
    }),
  ]
}
