import type { BlobCache } from '../../blobs/blob-cache.ts'
import type { CachedBlobs } from '../../blobs/cached-blobs.ts'
import type { Reading } from '../../http/operate/metrics.ts'

/** What local copies of a bucket's archives show to Prometheus. */
export function cacheReadings({ counts: reads }: CachedBlobs, { counts: copies }: BlobCache): Reading[] {
  const counter = (name: Reading['name'], help: string, read: () => number): Reading => {
    return { name, help, kind: 'counter', read }
  }
  return [
    counter('slipway_cache_hits_total', 'Reads of archives that had a local copy.', () => reads.hits),
    counter(
      'slipway_cache_misses_total',
      'Reads of archives that had no local copy yet.',
      () => reads.misses,
    ),
    counter(
      'slipway_cache_read_through_total',
      'Reads of archives that no local copy could be made for.',
      () => reads.readThrough,
    ),
    counter(
      'slipway_cache_read_through_bytes_total',
      'Bytes of the reads that no local copy could be made for.',
      () => reads.readThroughBytes,
    ),
    counter(
      'slipway_cache_fetched_bytes_total',
      'Bytes of the archives that local copies were made of.',
      () => copies.fetchedBytes,
    ),
    counter('slipway_cache_damaged_copies_total', 'Local copies that were damaged.', () => copies.damaged),
  ]
}
