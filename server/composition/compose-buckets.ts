import type { Catalog } from '../catalog/catalog.ts'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import type { Housekeeping } from '../coordination/housekeeping.ts'
import type { ExportState } from '../exporting/tag-exporter.ts'
import type { Reading } from '../http/operate/metrics.ts'
import type { ChangeDependencies } from '../releases/change-model.ts'
import type { PublishDependencies } from '../releases/publish-model.ts'
import { composeExport } from './compose-export.ts'
import { composeImport } from './compose-import.ts'
import { sweepHourly } from './opening/open-storage.ts'
import type { StoreMetrics } from './readings/store-metrics.ts'

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
  dependencies: PublishDependencies &
    ChangeDependencies & { urgentCatalog: Catalog; logger: Logger; housekeeping: Housekeeping },
  metrics: StoreMetrics,
): Promise<Buckets> {
  const { urgentCatalog, ...others } = dependencies
  // Who loads from the bucket gets a rollback as well where the disk is full.
  const exporting = await composeExport(config, { ...others, catalog: urgentCatalog }, metrics)
  const importing = await composeImport(config, others, metrics)
  const { exporter } = exporting
  const { imported } = importing
  const stores = [exporting.store, importing.store].filter((store) => store !== undefined)
  const stopping = new AbortController()
  return {
    async start() {
      void sweepHourly(stores, stopping.signal, dependencies.logger)
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
    readings: [...importing.readings, ...exporting.readings],
  }
}
