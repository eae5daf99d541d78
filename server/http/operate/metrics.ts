import { createRequire } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import { collectDefaultMetrics, Counter, Gauge, Registry, type Metric } from 'prom-client'
import type { CurrentReleases } from '../../releases/current-releases.ts'
import type { Traffic } from './traffic.ts'

/** One more number to show; what it reads may be a counter's value or a gauge's. */
export interface Reading {
  name: `slipway_${string}`
  help: string
  kind: 'counter' | 'gauge'
  read: () => number | undefined | Promise<number | undefined>
}

/** What Prometheus scrapes. */
export interface Metrics {
  contentType: string
  text: () => Promise<string>
}

/**
 * Shows the server's numbers. Base units, one prefix, and no label whose values grow with bots or models: a series
 * per bot is what makes monitoring fall over.
 *
 * @param others metrics that somebody else counts in
 */
export function createMetrics(
  traffic: Traffic,
  current: CurrentReleases,
  freeBytes: () => Promise<number | undefined>,
  readings: readonly Reading[] = [],
  others: readonly Metric[] = [],
): Metrics {
  const ofProcess = metricsOfProcess()
  const register = new Registry()
  for (const metric of others) register.registerMetric(metric)
  const registers = [register]
  new Counter({
    name: 'slipway_pulls_total',
    help: 'Pulls of models, by how they ended.',
    labelNames: ['outcome'],
    registers,
    collect() {
      copyCounts(this, traffic.pulls)
    },
  })
  new Counter({
    name: 'slipway_publishes_total',
    help: 'Archives sent for publishing, by how that ended.',
    labelNames: ['outcome'],
    registers,
    collect() {
      copyCounts(this, traffic.publishes)
    },
  })
  const numbers: Reading[] = [
    gauge('slipway_transfers', 'Archives on their way out.', () => traffic.transfers),
    gauge('slipway_uploads', 'Archives on their way in.', () => traffic.uploads),
    gauge('slipway_models', 'Models that were published.', () => current.models().length),
    gauge('slipway_storage_free_bytes', 'Bytes free where archives are staged.', freeBytes),
  ]
  for (const reading of [...numbers, ...readings]) show(reading, registers)
  return {
    contentType: register.contentType,
    text: async () => {
      await measureLoopDelay(ofProcess)
      return (await ofProcess.metrics()) + (await register.metrics())
    },
  }
}

function gauge(name: Reading['name'], help: string, read: Reading['read']): Reading {
  return { name, help, kind: 'gauge', read }
}

/** Has what is scraped say what `read` gives at that moment. */
function show({ name, help, kind, read }: Reading, registers: Registry[]): void {
  if (kind === 'gauge') {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set((await read()) ?? Number.NaN)
      },
    })
    return
  }
  new Counter({
    name,
    help,
    registers,
    async collect() {
      const value = (await read()) ?? 0
      this.reset()
      this.inc(value)
    },
  })
}

/**
 * Node makes some twenty objects, half of them functions, of each garbage collection that is watched. They outlive the next
 * one, which takes 0.27 ms instead of 0.17 then, seventy-five times in 50,000 polls with new connections (measured, Node 24.21).
 */
const WATCHES_COLLECTIONS = 'gc'

/** How often the delay of the event loop is measured, in milliseconds. */
const DELAY_MEASURED_EVERY = 10

/** The metric that measures it. */
const LOOP_DELAY = 'eventLoopLag'

let ofProcess: Registry | undefined
let loopDelay: Promise<void> | undefined

/**
 * What Node says of this process, which servers within it have in common: what reads it measures until the process
 * ends, and cannot be told to stop, so one for each server would stay in memory after its end. CPU time counts from here on.
 */
function metricsOfProcess(): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry()
    for (const name of collectDefaultMetrics.metricsList) {
      if (name !== WATCHES_COLLECTIONS && name !== LOOP_DELAY) collectDefault(name, ofProcess)
    }
  }
  return ofProcess
}

/**
 * Has the delay of the event loop measured, once somebody asks for it: waking a hundred times a second took a server that did
 * nothing else 7 ms of CPU time in each second (measured, Node 24.21).
 *
 * @returns what resolves when there are some delays to tell.
 */
async function measureLoopDelay(register: Registry): Promise<void> {
  if (loopDelay === undefined) {
    collectDefault(LOOP_DELAY, register)
    loopDelay = delay(5 * DELAY_MEASURED_EVERY)
  }
  await loopDelay
}

const require = createRequire(import.meta.url)

/** Collects one of the metrics that the library has of every process. It lists their names, and has a file for each. */
function collectDefault(name: string, register: Registry): void {
  const collect = require(`prom-client/lib/metrics/${name}.js`) as (
    register: Registry,
    options: object,
  ) => void
  collect(register, { prefix: 'slipway_', eventLoopMonitoringPrecision: DELAY_MEASURED_EVERY })
}

function copyCounts(counter: Counter<'outcome'>, counts: Readonly<Record<string, number>>): void {
  counter.reset()
  for (const [outcome, count] of Object.entries(counts)) counter.inc({ outcome }, count)
}
