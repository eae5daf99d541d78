import type { Logger } from 'pino'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { Config } from '../config/config.ts'
import type { Housekeeping } from '../coordination/housekeeping.ts'
import type { Reading } from '../http/operate/metrics.ts'
import { BucketImport } from '../intake/bucket/bucket-import.ts'
import type { PublishDependencies } from '../releases/publish-model.ts'
import { intakeWrites, rulesOf } from './compose-inbox.ts'
import { logIntake } from './logging/log-intake.ts'
import { openBucket } from './opening/open-storage.ts'
import type { StoreMetrics } from './readings/store-metrics.ts'

/** What publishes archives that lie in a bucket, where that is configured. */
export interface ComposedImport {
  store?: ObjectStore
  imported?: BucketImport
  readings: Reading[]
}

/** Puts the import together. @throws ConfigError where its bucket will never let us in. */
export async function composeImport(
  config: Config,
  dependencies: PublishDependencies & { logger: Logger; housekeeping: Housekeeping },
  metrics: StoreMetrics,
): Promise<ComposedImport> {
  const counts = { published: 0, refused: 0 }
  const readings = readingsOf(counts)
  const { storage } = config
  if (storage.import === undefined) return { readings }
  const { catalog, clock, housekeeping, logger } = dependencies
  const { store: settings, ...rest } = storage.import
  const bucket = { role: 'import', setting: 'SLIPWAY_IMPORT' } as const
  const store = await openBucket(bucket, settings, { logger, metrics })
  const imported = new BucketImport({
    ...rest,
    store,
    catalog,
    housekeeping,
    clock,
    rules: rulesOf(config),
    writesIn: (term) => intakeWrites({ ...dependencies, catalog: term.fence(catalog) }),
    onEvent: (event) => {
      if (event.kind === 'published' || event.kind === 'refused') counts[event.kind]++
      logIntake(logger, 'import', event)
    },
  })
  return { store, imported, readings }
}

function readingsOf(counts: { readonly published: number; readonly refused: number }): Reading[] {
  return [
    {
      name: 'slipway_imports_total',
      help: 'Archives taken from a bucket.',
      kind: 'counter',
      read: () => counts.published,
    },
    {
      name: 'slipway_imports_refused_total',
      help: 'Objects of a bucket that are no sound archives.',
      kind: 'counter',
      read: () => counts.refused,
    },
  ]
}
