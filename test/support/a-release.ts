import type { ArchiveFacts } from '../../archives/archive-facts.ts'
import type { Release } from '../../server/releases/release.ts'

/** A release as the catalog would hold it, with what a test says about it. */
export function aRelease(facts: Partial<Release> = {}): Release {
  return {
    model: 'shop',
    number: 1,
    digest: 'd'.repeat(64),
    size: 1_000,
    filename: 'shop.tar.gz',
    publishedAt: '2026-12-01T08:00:00.000Z',
    publishedBy: 'anonymous',
    notes: '',
    signature: null,
    // Nothing that uses this looks inside.
    archive: {} as ArchiveFacts,
    ...facts,
  }
}
