import type { Catalog } from '../../server/catalog/catalog.ts'
import { describeCatalogAudit } from './catalog-audit.ts'
import { describeBlobClaims } from './catalog-claims.ts'
import { describeCatalogFleet } from './catalog-fleet.ts'
import { describeCatalogFleetChanges } from './catalog-fleet-changes.ts'
import { describeCatalogIdentity } from './catalog-identity.ts'
import { describeCatalogQuotas } from './catalog-quotas.ts'
import { describeCatalogModels } from './catalog-models.ts'
import { describeCatalogLeases } from './catalog-leases.ts'
import { describeCatalogTags } from './catalog-tags.ts'
import { describeCatalogTokens } from './catalog-tokens.ts'
import { describeCatalogUpkeep } from './catalog-upkeep.ts'
import { describeCatalogWebhooks } from './catalog-webhooks.ts'
import { describeCatalogSignatures } from './catalog-signatures.ts'
import { describeCatalogTrust } from './catalog-trust.ts'
import { describeCatalog } from './catalog.ts'

/** All that every catalog promises: a suite that is added here is held over each of them. */
export function describeEveryPromise(name: string, make: () => Promise<Catalog>): void {
  describeCatalog(name, make)
  describeCatalogModels(name, make)
  describeCatalogTags(name, make)
  describeCatalogUpkeep(name, make)
  describeCatalogIdentity(name, make)
  describeCatalogFleet(name, make)
  describeCatalogFleetChanges(name, make)
  describeCatalogLeases(name, make)
  describeCatalogTokens(name, make)
  describeCatalogWebhooks(name, make)
  describeCatalogSignatures(name, make)
  describeCatalogQuotas(name, make)
  describeCatalogAudit(name, make)
  describeCatalogTrust(name, make)
  describeBlobClaims(name, make)
}
