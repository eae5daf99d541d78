import type { BlobReader, BlobWriter } from './blobs.ts'
import type { ExportReader, ExportWriter } from './exports.ts'
import type { IdentityReader, IdentityWriter } from './identity.ts'
import type { IntakeReader, IntakeWriter } from './intake.ts'
import type { ModelReader, ModelWriter } from './models.ts'
import type { ProgressReader, ProgressWriter } from './progress.ts'
import type { ReleaseReader, ReleaseWriter } from './releases.ts'
import type { SightingReader, SightingWriter } from './sightings.ts'
import type { TagReader, TagWriter } from './tags.ts'

/**
 * What is known of models, releases, tags and all that belongs to them. Rules live in the capabilities; a catalog
 * keeps rows and makes changes atomic and durable. Every implementation passes the suites test/contracts/catalog*.ts.
 *
 * Everything rejects with a DomainError where the catalog cannot do its work: `catalog-busy` where another program
 * holds it for over 5 s, `catalog-unavailable` where it cannot be read or takes no writes, `disk-full`,
 * `shutting-down` once it was closed.
 */
export interface Catalog extends CatalogReader {
  /**
   * Runs `work` alone: no other write happens between its first read and its end. What it wrote is durable
   * when this resolves (`synchronous=FULL` or the like), and nothing of it happened where this rejects.
   * Reads through the writer see the work's own changes.
   *
   * @throws whatever `work` throws.
   */
  write<Result>(work: (catalog: CatalogWriter) => Promise<Result>): Promise<Result>

  /** Ends it after the writes that had begun; later calls reject. May be called twice. */
  close(): Promise<void>
}

/** All questions, by what they are about. Lists are newest first unless they say otherwise. */
export type CatalogReader = ModelReader &
  ReleaseReader &
  TagReader &
  IntakeReader &
  SightingReader &
  BlobReader &
  ProgressReader &
  ExportReader &
  IdentityReader

/** All changes, by what they are about; only inside {@link Catalog.write}. */
export type CatalogWriter = CatalogReader &
  ModelWriter &
  ReleaseWriter &
  TagWriter &
  IntakeWriter &
  SightingWriter &
  BlobWriter &
  ProgressWriter &
  ExportWriter &
  IdentityWriter
