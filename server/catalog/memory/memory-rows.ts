import type { Instant } from '../../time/clock.ts'
import type { DamagedBlob } from '../../blobs/damaged-blobs.ts'
import type { InboxFile } from '../../intake/inbox-file.ts'
import type { Model } from '../../releases/model.ts'
import type { Digest, Release } from '../../releases/release.ts'
import type { Sighting } from '../../fleet/sightings.ts'
import type { Tag, TagMove } from '../../releases/tag.ts'
import type { TagExport } from '../../exporting/tag-export.ts'
import type { TaskProgress } from '../upkeep-catalog.ts'

/** What a catalog in memory holds: the tables of catalog-tables.ts, as maps. */
export interface MemoryRows {
  models: Map<string, Model>
  /** By {@link keyOf} model and number. */
  releases: Map<string, Release>
  /** By {@link keyOf} model and digest. */
  releasedDigests: Set<string>
  /** By {@link keyOf} model and tag. */
  tags: Map<string, Tag>
  /** In order; a sequence is a position, counted from 1. */
  moves: TagMove[]
  inboxFiles: Map<string, InboxFile>
  /** By {@link keyOf} digest and process. */
  sightings: Map<string, Sighting>
  damagedBlobs: Map<Digest, DamagedBlob>
  /** Since when each is unused. */
  unusedBlobs: Map<Digest, Instant>
  taskProgress: Map<string, TaskProgress>
  /** By {@link keyOf} model and tag. */
  exports: Map<string, TagExport>
  firstNumber: number
}

/** Tables without rows. */
export function emptyRows(): MemoryRows {
  return {
    models: new Map(),
    releases: new Map(),
    releasedDigests: new Set(),
    tags: new Map(),
    moves: [],
    inboxFiles: new Map(),
    sightings: new Map(),
    damagedBlobs: new Map(),
    unusedBlobs: new Map(),
    taskProgress: new Map(),
    exports: new Map(),
    firstNumber: 1,
  }
}

/** One key of several columns. */
export function keyOf(...columns: (string | number)[]): string {
  return JSON.stringify(columns)
}
