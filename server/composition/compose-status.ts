import type { Status } from '../../protocol/status.ts'
import { version } from '../config/version.ts'
import type { ServerGroup } from '../coordination/server-group.ts'
import { refusedBotWarnings } from '../fleet/refused-bot-warnings.ts'
import type { Traffic } from '../http/operate/traffic.ts'
import type { CurrentReleases } from '../releases/current-releases.ts'
import { instantOf } from '../time/clock.ts'
import type { Backups } from './compose-backups.ts'
import type { ComposedFleet } from './compose-fleet.ts'
import type { ComposedUpkeep } from './compose-upkeep.ts'
import type { ComposedWebhooks } from './compose-webhooks.ts'
import { serversOf } from './servers-of.ts'
import type { Surroundings } from './surroundings.ts'

/** Whoever knows something that `/api/v1/status` tells. */
export interface StatusParts {
  current: CurrentReleases
  traffic: Traffic
  fleet: Pick<ComposedFleet, 'refusedBots' | 'dropped'>
  upkeep: Pick<ComposedUpkeep, 'warnings'>
  webhooks: Pick<ComposedWebhooks, 'warnings'>
  backups: Pick<Backups, 'status'>
  group: ServerGroup | undefined
  /** What the storage is called. */
  storageName: string
}

/** Puts together what says how the server does. */
export function composeStatus(
  { config, clock, readSpace }: Surroundings,
  { current, traffic, fleet, upkeep, webhooks, backups, group, storageName }: StatusParts,
): () => Promise<Status> {
  const startedAt = instantOf(clock)
  return async () => {
    const { free, total } = await readSpace()
    return {
      version,
      startedAt,
      models: current.models().length,
      storage: storageName,
      freeBytes: free,
      totalBytes: total,
      transfers: traffic.transfers,
      uploads: traffic.uploads,
      backup: backups.status(),
      servers: await serversOf(group, config.database !== undefined),
      warnings: [
        ...(await upkeep.warnings()),
        ...(await webhooks.warnings()),
        ...refusedBotWarnings(fleet.refusedBots.list(clock.now())),
        ...fleet.dropped.warnings(clock.now()),
      ],
    }
  }
}
