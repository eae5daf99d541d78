import type { Server } from 'node:http'
import type { Logger } from 'pino'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Config } from '../config/config.ts'
import type { FleetTracker } from '../fleet/fleet-tracker.ts'
import type { Traffic } from '../http/operate/traffic.ts'
import type { CurrentReleases } from '../releases/current-releases.ts'
import type { LiveRollouts } from '../rollouts/live-rollouts.ts'
import type { RolloutJudge } from '../rollouts/rollout-judge.ts'
import type { Clock } from '../time/clock.ts'
import { CleanupStack } from './opening/cleanup-stack.ts'
import { composeCapabilities, type Capabilities } from './compose-capabilities.ts'
import type { Health } from './health.ts'
import { makeFolder } from './opening/make-folder.ts'
import { openFoundation, type Foundation } from './open-foundation.ts'
import { periodicWork, type PeriodicWork } from './periodic-work.ts'
import type { Replacements } from './replacements.ts'
import { requireTokensOrCatalog } from './opening/require-tokens.ts'
import { serverLifecycle, type ServerLifecycle } from './server-lifecycle.ts'

/** A server whose parts are put together and which does not listen yet. */
export interface ComposedServer extends ServerLifecycle {
  http: Server
  health: Health
  traffic: Traffic
  current: CurrentReleases
  fleet: FleetTracker
  /** Judges rollouts; upkeep has it do so every few seconds. */
  judge: RolloutJudge
  /** The rollouts under way. */
  rollouts: LiveRollouts
  blobs: BlobStore
  periodicWork: PeriodicWork
  /** Has the servers that share its database know where it listens. */
  listensAt(address: string): void
  /** Resolves, with the reason, where this process can do no more good: another one is to start in its place. */
  mustEnd: Promise<string>
}

/**
 * Puts the server together, a capability a file; those files are the only ones that name concrete classes.
 *
 * @throws ConfigError where a network would be served without a token; DataDirectoryInUse, and what catalog and store throw where they cannot be opened.
 */
export async function composeServer(
  config: Config,
  logger: Logger,
  clock: Clock,
  replacements: Replacements = {},
): Promise<ComposedServer> {
  requireTokensOrCatalog(config)
  await makeFolder('DATA_DIR', config.dataDir)
  const cleanup = new CleanupStack()
  try {
    const foundation = await openFoundation(config, logger, clock, replacements, cleanup)
    return composedServer(foundation, await composeCapabilities(foundation))
  } catch (error) {
    await cleanup.run()
    throw error
  }
}

function composedServer(foundation: Foundation, capabilities: Capabilities): ComposedServer {
  const { catalog, surroundings } = foundation
  const { http, traffic, fleet, blobs, housekeeper } = capabilities
  return {
    http,
    traffic,
    health: surroundings.health,
    current: catalog.current,
    blobs: blobs.blobs,
    fleet: fleet.tracker,
    judge: fleet.judge,
    rollouts: fleet.rollouts,
    periodicWork: periodicWork(catalog, fleet, housekeeper),
    ...serverLifecycle(foundation, capabilities),
    listensAt: (address) => catalog.group?.listensAt(address),
    mustEnd: catalog.mustEnd,
  }
}
