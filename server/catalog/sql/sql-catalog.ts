import type { CatalogReader, CatalogWriter } from '../catalog.ts'
import { ONE_DATABASE } from './answering.ts'
import { auditReader, auditWriter } from './audit.ts'
import { blobClaimReader, blobClaimWriter } from './blob-claims.ts'
import { blobReader, blobWriter } from './blobs.ts'
import type { CatalogDb } from './catalog-tables.ts'
import { eventReader, eventWriter } from './events.ts'
import { exportReader, exportWriter } from './exports.ts'
import { fleetReader } from './fleet-reader.ts'
import { fleetWriter } from './fleet-writer.ts'
import { identityReader, identityWriter } from './identity.ts'
import { intakeReader, intakeWriter } from './intake.ts'
import { leaseWriter } from './leases.ts'
import { modelReader, modelWriter } from './models.ts'
import { progressReader, progressWriter } from './progress.ts'
import { releaseReader } from './release-reader.ts'
import { releaseWriter } from './release-writer.ts'
import { rolloutReader, rolloutWriter } from './rollouts.ts'
import { tagReader, tagWriter } from './tags.ts'
import { tokenReader, tokenWriter } from './tokens.ts'
import { trustReader, trustWriter } from './trust.ts'
import { deliveryReader, deliveryWriter } from './webhook-deliveries.ts'
import { webhookReader, webhookWriter } from './webhooks.ts'

/**
 * Answers every question to a catalog in SQL.
 *
 * @param database Which database answers; a catalog in a file has one.
 */
export function catalogReader(db: CatalogDb, database = ONE_DATABASE): CatalogReader {
  return {
    ...modelReader(db, database),
    ...releaseReader(db),
    ...tagReader(db),
    ...intakeReader(db),
    ...blobReader(db),
    ...blobClaimReader(db),
    ...progressReader(db),
    ...exportReader(db),
    ...identityReader(db),
    ...fleetReader(db, database),
    ...rolloutReader(db),
    ...eventReader(db),
    ...tokenReader(db, database),
    ...trustReader(db),
    ...webhookReader(db),
    ...deliveryReader(db),
    ...auditReader(db),
  }
}

/** Makes every change of a catalog in SQL, inside the transaction that it is given. */
export function catalogWriter(db: CatalogDb, database = ONE_DATABASE): CatalogWriter {
  return {
    ...catalogReader(db, database),
    ...modelWriter(db),
    ...releaseWriter(db),
    ...tagWriter(db),
    ...intakeWriter(db),
    ...blobWriter(db),
    ...blobClaimWriter(db),
    ...progressWriter(db),
    ...exportWriter(db),
    ...identityWriter(db),
    ...fleetWriter(db),
    ...rolloutWriter(db),
    ...eventWriter(db),
    ...tokenWriter(db),
    ...trustWriter(db),
    ...webhookWriter(db),
    ...deliveryWriter(db),
    ...auditWriter(db),
    ...leaseWriter(db),
  }
}
