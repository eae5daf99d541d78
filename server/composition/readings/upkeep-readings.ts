import type { DiskSpace } from '../../upkeep/disk-space.ts'
import type { KnownDamage } from '../../coordination/known-damage.ts'
import type { Reading } from '../../http/operate/metrics.ts'
import type { UpkeepCounts } from '../../upkeep/upkeep.ts'
import { usedShare } from '../../upkeep/warnings.ts'

/** What upkeep shows to Prometheus. */
export function upkeepReadings(
  counts: UpkeepCounts,
  damaged: KnownDamage,
  isCatalogLost: () => boolean,
  readSpace: () => Promise<DiskSpace>,
): Reading[] {
  const counter = (name: Reading['name'], help: string, read: () => number): Reading => {
    return { name, help, kind: 'counter', read }
  }
  const gauge = (name: Reading['name'], help: string, read: Reading['read']): Reading => {
    return { name, help, kind: 'gauge', read }
  }
  return [
    counter('slipway_scrubbed_blobs_total', 'Blobs that the scrubber hashed.', () => counts.scrubbedBlobs),
    counter('slipway_scrubbed_bytes_total', 'Bytes that the scrubber hashed.', () => counts.scrubbedBytes),
    counter('slipway_pruned_releases_total', 'Releases the policy pruned.', () => counts.prunedReleases),
    counter(
      'slipway_deleted_blobs_total',
      'Blobs deleted after their grace period.',
      () => counts.deletedBlobs,
    ),
    gauge('slipway_damaged_blobs', 'Blobs known to be damaged or missing.', () => damaged.size),
    gauge('slipway_catalog_lost', '1 where polls are answered from what a damaged catalog said last.', () =>
      Number(isCatalogLost()),
    ),
    gauge('slipway_storage_used_ratio', 'Share of the volume of DATA_DIR that is taken.', async () =>
      usedShare(await readSpace()),
    ),
  ]
}
