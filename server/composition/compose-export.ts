import type { Logger } from 'pino'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { Config } from '../config/config.ts'
import type { ExportEvent } from '../exporting/export-event.ts'
import { TagExporter, type ExportDependencies } from '../exporting/tag-exporter.ts'
import type { Reading } from '../http/operate/metrics.ts'
import { openBucket } from './opening/open-storage.ts'
import type { StoreMetrics } from './readings/store-metrics.ts'

/** What copies archives that tags point at into a bucket, where that is configured. */
export interface ComposedExport {
  store?: ObjectStore
  exporter?: TagExporter
  readings: Reading[]
}

/** Puts the export together. @throws ConfigError where its bucket will never let us in. */
export async function composeExport(
  { storage }: Pick<Config, 'storage'>,
  dependencies: Pick<ExportDependencies, 'blobs' | 'catalog' | 'current' | 'clock' | 'housekeeping'> & {
    logger: Logger
  },
  metrics: StoreMetrics,
): Promise<ComposedExport> {
  if (storage.export === undefined) return { readings: [exportsDue(() => 0)] }
  const { logger } = dependencies
  const { store: settings, place, name: nameTemplate, tags } = storage.export
  const bucket = { role: 'export', setting: 'SLIPWAY_EXPORT' } as const
  const store = await openBucket(bucket, settings, { logger, metrics })
  const exporter = new TagExporter({
    ...dependencies,
    store,
    place,
    nameTemplate,
    tags,
    onEvent: (event) => {
      logExport(logger, event)
    },
  })
  const readings = [exportsDue(() => exporter.list().filter(({ state }) => state !== 'done').length)]
  return { store, exporter, readings }
}

function logExport(logger: Logger, { kind, ...event }: ExportEvent): void {
  if (kind === 'exported') logger.info(event, 'exported')
  else if (kind === 'changed') logger.warn(event, 'export_changed')
  else if ('error' in event) {
    const { error, retryInMs: retryMilliseconds, ...rest } = event
    logger.error({ ...rest, err: error, retryMilliseconds }, 'export_failed')
  }
}

function exportsDue(read: () => number): Reading {
  return {
    name: 'slipway_exports_due',
    help: 'Tags whose archive is not in the bucket yet.',
    kind: 'gauge',
    read,
  }
}
