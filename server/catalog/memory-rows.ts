import type { InboxFile } from '../domain/inbox-file.ts'
import type { Model } from '../domain/model.ts'
import type { Release } from '../domain/release.ts'
import type { Tag, TagMove } from '../domain/tag.ts'

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
  }
}

/** One key of several columns. */
export function keyOf(...columns: (string | number)[]): string {
  return JSON.stringify(columns)
}
