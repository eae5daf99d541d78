import type { ComposedCatalog } from './compose-catalog.ts'
import { observeStorage } from './opening/observe-storage.ts'
import { openStorage, sweepHourly, type OpenedStorage } from './opening/open-storage.ts'
import type { Surroundings } from './surroundings.ts'

/** Where archives lie, watched and swept. */
export interface ComposedStorage extends OpenedStorage {
  /** What it is called in `/api/v1/status`. */
  name: string
  start(): void
  stop(): void
}

/**
 * Opens where archives lie.
 *
 * @param catalog Its identity is undefined where it is lost: then nothing is changed in a bucket.
 * @param replaced Stands in for what the configuration names.
 * @throws ConfigError naming the variable to look at, where it cannot be used.
 */
export async function composeStorage(
  { config, health, logger, storeMetrics: metrics }: Surroundings,
  { identity, group }: Pick<ComposedCatalog, 'identity' | 'group'>,
  replaced?: OpenedStorage,
): Promise<ComposedStorage> {
  const stopping = new AbortController()
  const opened =
    replaced === undefined
      ? await openStorage(config, { server: identity, group, health, metrics }, logger)
      : { ...replaced, store: observeStorage(replaced.store, { health, logger, metrics }) }
  const isFarAway = opened.cache !== undefined
  return {
    ...opened,
    name: isFarAway ? opened.store.description : 'filesystem',
    start() {
      if (isFarAway) void sweepHourly([opened.store], stopping.signal, logger)
    },
    stop() {
      stopping.abort(new Error('The server stops'))
    },
  }
}
