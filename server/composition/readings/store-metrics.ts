import { Counter, Histogram, type Metric } from 'prom-client'
import type { StoreCall, StoreFailure, StoreObserver } from '../../blobs/store-observer.ts'

/** Which store of the server: where archives lie, or a bucket beside it. */
export type StoreRole = 'storage' | 'import' | 'export'

/** From a stat on a local disk to an upload that was tried for all its time. Seconds. */
const BUCKETS = [0.005, 0.025, 0.1, 0.5, 2, 10, 30, 120]

/** How stores do, for Prometheus. No label grows with objects, models or bots. */
export class StoreMetrics {
  readonly #seconds = new Histogram({
    name: 'slipway_store_call_seconds',
    help: 'How long calls to stores took, retries included. Bodies that are read take as long as their readers, and are not in it.',
    labelNames: ['store', 'call'],
    buckets: BUCKETS,
    registers: [],
  })
  readonly #errors = new Counter({
    name: 'slipway_store_errors_total',
    help: 'Calls to stores that failed after all retries, by what was wrong.',
    labelNames: ['store', 'kind'],
    registers: [],
  })
  readonly metrics: readonly Metric[] = [this.#seconds, this.#errors]

  /** What is to hear of the calls to one store. */
  observer(store: StoreRole): StoreObserver {
    for (const kind of ['unavailable', 'refused', 'full', 'disk-full', 'failed'] as const) {
      this.#errors.inc({ store, kind }, 0)
    }
    return {
      callEnded: (call: StoreCall, seconds: number | undefined, failure: StoreFailure | undefined) => {
        if (seconds !== undefined) this.#seconds.observe({ store, call }, seconds)
        if (failure !== undefined) this.#errors.inc({ store, kind: failure.kind })
      },
    }
  }
}
