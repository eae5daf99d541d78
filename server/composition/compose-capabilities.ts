import type { Server } from 'node:http'
import { version } from '../config/version.ts'
import { runsNewer } from '../coordination/runs-newer.ts'
import type { FleetSeries } from '../fleet/fleet-series.ts'
import type { Traffic } from '../http/operate/traffic.ts'
import type { Inbox } from '../intake/inbox/inbox.ts'
import { composeAudit, type ComposedAudit } from './compose-audit.ts'
import { composeBallast } from './compose-ballast.ts'
import { composeBackups, type Backups } from './compose-backups.ts'
import { composeBlobs, type ComposedBlobs } from './compose-blobs.ts'
import { composeBuckets, type Buckets } from './compose-buckets.ts'
import { composeFleet, type ComposedFleet } from './compose-fleet.ts'
import { composeHousekeeping, type ComposedHousekeeping } from './compose-housekeeping.ts'
import { composeHttp } from './compose-http.ts'
import { composeInbox } from './compose-inbox.ts'
import { composePublishing } from './compose-publishing.ts'
import { composeRecords, type ComposedRecords } from './compose-records.ts'
import { composeUpkeep, type ComposedUpkeep } from './compose-upkeep.ts'
import { composeWebhooks, type ComposedWebhooks } from './compose-webhooks.ts'
import type { Foundation } from './open-foundation.ts'

/** What a server does, each part put together by a file of its own. */
export interface Capabilities {
  housekeeper: ComposedHousekeeping
  audit: ComposedAudit
  blobs: ComposedBlobs
  fleet: ComposedFleet
  upkeep: ComposedUpkeep
  buckets: Buckets
  backups: Backups
  /** Undefined where archives do not lie in a bucket. */
  records: ComposedRecords | undefined
  inbox: Inbox | undefined
  webhooks: ComposedWebhooks
  http: Server
  traffic: Traffic
  series: FleetSeries
}

/** Puts together what is built over an open catalog and storage, each part over those before it. Nothing begins yet. */
export async function composeCapabilities({
  surroundings,
  ...opened
}: Omit<Foundation, 'dataLock'>): Promise<Capabilities> {
  const { catalog, tokens, storage, tls } = opened
  const { config, logger, clock, machineClock, health, storeMetrics } = surroundings
  const { current, group, isLost: isCatalogLost } = catalog
  const housekeeper = await composeHousekeeping(surroundings, catalog)
  const { housekeeping } = housekeeper
  // Files belong to one server, whose lock on its data directory is enough.
  const isShared = group !== undefined && storage.lease !== undefined
  const audit = composeAudit(surroundings, catalog, housekeeping)
  const blobs = await composeBlobs(surroundings, catalog, storage)
  const room = await composeBallast(surroundings, catalog)
  const { urgentCatalog, deferrableCatalog } = room
  const fleet = await composeFleet(
    surroundings,
    { ...catalog, urgentCatalog, deferrableCatalog },
    blobs,
    tokens,
    housekeeping,
  )
  const publishing = await composePublishing(surroundings, catalog, room, blobs, fleet, isShared)
  const upkeep = composeUpkeep(surroundings, {
    publishing,
    blobs,
    room,
    fleet,
    housekeeping,
    isCatalogLost,
    isShared,
  })
  const buckets = await composeBuckets(
    config,
    { ...publishing, urgentCatalog, current, logger, housekeeping },
    storeMetrics,
  )
  const leaveToNewer = async () => {
    if (group === undefined || !(await runsNewer(group, version))) return false
    await housekeeper.giveWay()
    return true
  }
  const backups = composeBackups(config, storage, { ...publishing, logger, housekeeping, leaveToNewer })
  const records = composeRecords(storage, {
    ...publishing,
    catalog: urgentCatalog,
    logger,
    housekeeping,
    database: catalog.database,
  })
  const inbox = await composeInbox(config, { ...publishing, logger, machineClock })
  const webhooks = composeWebhooks({
    config,
    logger,
    clock,
    housekeeping,
    catalog: catalog.catalog,
    deferrableCatalog,
    isCatalogLost,
  })
  health.onStorageRecovered(() => {
    records?.storeRecovered()
  })
  current.onChange(() => {
    records?.modelsChanged()
    buckets.tagsMoved()
  })
  catalog.onOtherDatabase(() => {
    records?.modelsChanged()
  })
  const answering = composeHttp(surroundings, {
    publishing,
    access: tokens,
    audit,
    blobs,
    fleet,
    urgentCatalog,
    upkeep,
    webhooks,
    backups,
    group,
    storageName: storage.name,
    listExports: buckets.listExports,
    readings: [...buckets.readings, ...blobs.readings, ...backups.readings],
    tls: tls.options,
  })
  return {
    housekeeper,
    audit,
    blobs,
    fleet,
    upkeep,
    buckets,
    backups,
    records,
    inbox,
    webhooks,
    ...answering,
  }
}
