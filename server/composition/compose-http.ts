import type { Catalog } from '../catalog/catalog.ts'
import type { Server } from 'node:http'
import { version } from '../config/version.ts'
import { FleetSeries } from '../fleet/fleet-series.ts'
import { findBotsWithoutToken } from '../fleet/bots-without-token.ts'
import { ChangeAudit } from '../http/access/change-audit.ts'
import { createApp } from '../http/app.ts'
import { createHttpServer } from '../http/http-server.ts'
import { createListener } from '../http/listener.ts'
import { connectionsReading } from '../http/operate/connections-reading.ts'
import type { TlsOptions } from '../http/tls-files.ts'
import { createMetrics, type Reading } from '../http/operate/metrics.ts'
import { Traffic } from '../http/operate/traffic.ts'
import { FaultLog } from '../http/reply/fault-log.ts'
import { createGetModel } from '../http/pull/get-model.ts'
import type { ExportState } from '../exporting/tag-exporter.ts'
import type { ServerGroup } from '../coordination/server-group.ts'
import type { ChangeDependencies } from '../releases/change-model.ts'
import type { PromoteDependencies } from '../releases/promote-release.ts'
import type { PublishDependencies } from '../releases/publish-model.ts'
import { composeAccess } from './compose-access.ts'
import type { ComposedAudit } from './compose-audit.ts'
import type { Backups } from './compose-backups.ts'
import { composeIdentities } from './compose-identities.ts'
import type { ComposedBlobs } from './compose-blobs.ts'
import type { ComposedFleet } from './compose-fleet.ts'
import { composeStatus } from './compose-status.ts'
import type { ComposedTokens } from './compose-tokens.ts'
import type { ComposedUpkeep } from './compose-upkeep.ts'
import type { ComposedWebhooks } from './compose-webhooks.ts'
import { dashboardWhenAsked } from './load-dashboard.ts'
import type { Surroundings } from './surroundings.ts'
import { fleetReadings } from './readings/fleet-readings.ts'

/** What is reached over HTTP. */
export interface HttpParts {
  publishing: PublishDependencies & PromoteDependencies & ChangeDependencies
  access: ComposedTokens
  audit: ComposedAudit
  blobs: ComposedBlobs
  fleet: ComposedFleet
  /** @see ComposedBallast.urgentCatalog */
  urgentCatalog: Catalog
  upkeep: ComposedUpkeep
  webhooks: ComposedWebhooks
  listExports: () => ExportState[]
  /** What the storage is called in `/api/v1/status`. */
  storageName: string
  backups: Backups
  group: ServerGroup | undefined
  /** What Prometheus is shown of other parts. */
  readings: readonly Reading[]
  /** Undefined: plain HTTP. */
  tls: TlsOptions | undefined
}

/** Puts together what answers requests: the path of a poll, the app, and the gate in front of both. It does not listen. */
export function composeHttp(
  surroundings: Surroundings,
  { publishing, access, audit, blobs, fleet, upkeep, webhooks, backups, group, ...others }: HttpParts,
): { http: Server; traffic: Traffic; series: FleetSeries } {
  const { config, clock, logger, looks, health, storeMetrics } = surroundings
  const { listExports, storageName, readings, tls, urgentCatalog } = others
  const { catalog, current } = publishing
  const traffic = new Traffic()
  const { gate, readRights, connections, downloadSlots, uploadSlots, ...guards } = composeAccess(
    config,
    clock,
    access,
  )
  const series = new FleetSeries({
    clock,
    takeCensus: () => fleet.view.takeCensus(),
    countPolls: () => traffic.pulls.unchanged + traffic.pulls.waiting + traffic.pulls.sent,
    onFailure(error) {
      logger.warn({ err: error }, 'series_failed')
    },
  })
  fleet.onConclusions((events) => {
    series.noteEvents(events)
  })
  const readStatus = composeStatus(surroundings, {
    current,
    traffic,
    fleet,
    upkeep,
    webhooks,
    backups,
    group,
    storageName,
  })
  const dependencies = {
    ...publishing,
    logger,
    gate,
    traffic,
    version,
    readStatus,
    listExports,
    downloadSlots,
    uploadSlots,
    faults: new FaultLog(logger),
    tokens: { ...access.tokens, catalog },
    open: access.open,
    refusedBots: fleet.refusedBots,
    closing: { ...access.tokens, catalog: urgentCatalog },
    findBotsWithoutToken: () => findBotsWithoutToken(fleet.tracker.memory),
    refused: audit.refused,
    changes: new ChangeAudit(audit.refused, clock),
    identities: composeIdentities(surroundings),
    damaged: blobs.damaged,
    urgentCatalog,
    verification: upkeep.verification,
    polls: fleet.polls,
    fleet: fleet.tracker,
    view: fleet.view,
    news: fleet.news,
    webhooks: webhooks.control,
    rollouts: fleet.rollouts,
    rolloutControl: fleet.control,
    looks,
    readRights,
    loadDashboard: dashboardWhenAsked(),
    series,
    events: catalog,
    isStorageAway: health.isStorageAway,
    readiness: health.readiness,
    rasaX: config.rasaX,
    track: config.track,
    keepHistory: config.keepHistory,
    metrics: createMetrics(
      ...([traffic, current, () => blobs.blobs.freeBytes()] as const),
      [...upkeep.readings, ...fleetReadings(fleet.dropped), ...readings, connectionsReading(connections)],
      [...storeMetrics.metrics, ...fleet.metrics.metrics, ...webhooks.metrics.metrics],
    ),
  }
  const listener = createListener(createGetModel(dependencies), createApp(dependencies), {
    logger,
    connections,
    rasaX: config.rasaX,
    ...guards,
  })
  return { http: createHttpServer(listener, logger, { connections, tls }), traffic, series }
}
