import type { Logger } from 'pino'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { Config } from '../config/config.ts'
import { TagExporter, type ExportState } from '../exporting/tag-exporter.ts'
import type { Housekeeping } from '../coordination/housekeeping.ts'
import type { ChangeDependencies } from '../releases/change-model.ts'
import type { Reading } from '../http/operate/metrics.ts'
import type { StoreMetrics } from './store-metrics.ts'
import { BucketImport } from '../intake/bucket/bucket-import.ts'
import { intakeWrites, rulesOf } from './compose-inbox.ts'
import { logIntake } from './log-intake.ts'
import { openBucket, sweepHourly } from './open-storage.ts'
import type { PublishDependencies } from '../releases/publish-model.ts'

/** What comes from buckets and goes to them. */
export interface Buckets {
  /** Begins both; resolves when the first look was had. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Tags may have moved. */
  tagsMoved(): void
  listExports: () => ExportState[]
  readings: Reading[]
}

/**
 * Puts import and export together, as far as they are configured.
 *
 * @throws ConfigError where a bucket will never let us in.
 */
export async function composeBuckets(
  config: Config,
  dependencies: PublishDependencies & ChangeDependencies & { logger: Logger; housekeeping: Housekeeping },
  metrics: StoreMetrics,
): Promise<Buckets> {
  const { logger } = dependencies
  const { storage } = config
  const stopping = new AbortController()
  const counts = { published: 0, refused: 0 }
  const stores: ObjectStore[] = []
  let exporter: TagExporter | undefined
  let imported: BucketImport | undefined
  if (storage.export !== undefined) {
    const { store: settings, place, name: nameTemplate, tags } = storage.export
    const store = await openBucket({ role: 'export', setting: 'SLIPWAY_EXPORT' }, settings, {
      logger,
      metrics,
    })
    stores.push(store)
    exporter = new TagExporter({
      ...{ ...dependencies, store, place, nameTemplate, tags },
      onEvent: ({ kind, ...event }) => {
        if (kind === 'exported') logger.info(event, 'exported')
        else if (kind === 'changed') logger.warn(event, 'export_changed')
        else if ('error' in event) {
          const { error, retryInMs: retryMilliseconds, ...rest } = event
          logger.error({ ...rest, err: error, retryMilliseconds }, 'export_failed')
        }
      },
    })
  }
  if (storage.import !== undefined) {
    const { store: settings, ...rest } = storage.import
    const store = await openBucket({ role: 'import', setting: 'SLIPWAY_IMPORT' }, settings, {
      logger,
      metrics,
    })
    stores.push(store)
    imported = new BucketImport({
      ...rest,
      ...{ store, catalog: dependencies.catalog, housekeeping: dependencies.housekeeping },
      writesIn: (term) => intakeWrites({ ...dependencies, catalog: term.fence(dependencies.catalog) }),
      ...{ rules: rulesOf(config), clock: dependencies.clock },
      onEvent: (event) => {
        if (event.kind === 'published' || event.kind === 'refused') counts[event.kind]++
        logIntake(logger, 'import', event)
      },
    })
  }
  return {
    async start() {
      void sweepHourly(stores, stopping.signal, logger)
      await exporter?.start()
      await imported?.start()
    },
    async stop() {
      stopping.abort(new Error('The server stops'))
      await Promise.all([imported?.stop(), exporter?.stop()])
      for (const store of stores) await store.close()
    },
    tagsMoved() {
      exporter?.wake()
    },
    listExports: () => exporter?.list() ?? [],
    readings: [
      reading('slipway_imports_total', 'Archives taken from a bucket.', 'counter', () => counts.published),
      reading(
        'slipway_imports_refused_total',
        'Objects of a bucket that are no sound archives.',
        'counter',
        () => {
          return counts.refused
        },
      ),
      reading('slipway_exports_due', 'Tags whose archive is not in the bucket yet.', 'gauge', () => {
        return exporter?.list().filter(({ state }) => state !== 'done').length ?? 0
      }),
    ],
  }
}

function reading(name: Reading['name'], help: string, kind: Reading['kind'], read: () => number): Reading {
  return { name, help, kind, read }
}
