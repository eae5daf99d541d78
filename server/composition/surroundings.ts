import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import type { Clock } from '../time/clock.ts'
import type { DiskSpace } from '../upkeep/disk-space.ts'
import type { Looks } from '../http/pace.ts'
import type { Health } from './health.ts'
import type { StoreMetrics } from './readings/store-metrics.ts'

/** What every part of a server is put together with. */
export interface Surroundings {
  config: Config
  logger: Logger
  clock: Clock
  /** That of this machine, by which its files are dated. `clock` may be another one, that servers share. */
  machineClock: Clock
  /** Milliseconds that only grow, at the pace of `clock` unless that is set. */
  monotonic: () => number
  /** When it is looked how fast archives go; by the machine's clock unless said. */
  looks: Looks | undefined
  /** As `randomBytes` of node:crypto. */
  random: (bytes: number) => Buffer
  health: Health
  storeMetrics: StoreMetrics
  /** Reads what the volume of DATA_DIR has. */
  readSpace: () => Promise<DiskSpace>
}
