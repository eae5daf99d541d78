import type { AuditReader, AuditWriter } from './audit.ts'
import type { BlobReader, BlobWriter } from './blobs.ts'
import type { EventReader, EventWriter } from './events.ts'
import type { ExportReader, ExportWriter } from './exports.ts'
import type { FleetReader, FleetWriter } from './fleet.ts'
import type { IdentityReader, IdentityWriter } from './identity.ts'
import type { IntakeReader, IntakeWriter } from './intake.ts'
import type { LeaseWriter } from './leases.ts'
import type { ModelReader, ModelWriter } from './models.ts'
import type { ProgressReader, ProgressWriter } from './progress.ts'
import type { ReleaseReader, ReleaseWriter } from './releases.ts'
import type { RolloutReader, RolloutWriter } from './rollouts.ts'
import type { TagReader, TagWriter } from './tags.ts'
import type { TokenReader, TokenWriter } from './tokens.ts'
import type { TrustReader, TrustWriter } from './trust.ts'
import type { WebhookReader, WebhookWriter } from './webhooks.ts'

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
   * Changes one model, which need not exist yet. While `work` runs it has the model to itself: no other write changes
   * that model between the work's first read and its end. What it wrote is durable when this resolves
   * (`synchronous=FULL` or the like), and nothing of it happened where this rejects. Reads through the writer see the
   * work's own changes.
   *
   * `work` asks nothing but the catalog: a bucket or a disk that does not answer would hold up other writes. It looks
   * at them before, and claims here what could change meanwhile.
   *
   * @throws whatever `work` throws; Error where it changes another model.
   */
  write<Result>(model: string, work: (catalog: CatalogWriter) => Promise<Result>): Promise<Result>

  /**
   * As {@link write}, for rows that belong to no model, or that polls write: processes, events, damage, unused
   * blobs, progress, exports, tokens, webhooks, and files that were refused. Nothing is kept from changing meanwhile: a decision that rests on a read belongs in a
   * {@link write} of the model that was read.
   */
  writeShared<Result>(work: (catalog: SharedWriter) => Promise<Result>): Promise<Result>

  /** As {@link write}, with every model to itself: restoring a backup does so before the server runs. */
  writeEveryModel<Result>(work: (catalog: CatalogWriter) => Promise<Result>): Promise<Result>

  /** Ends it after the writes that had begun; later calls reject. May be called twice. */
  close(): Promise<void>
}

/** All questions, by what they are about. Lists are newest first unless they say otherwise. */
export type CatalogReader = ModelReader &
  ReleaseReader &
  TagReader &
  IntakeReader &
  BlobReader &
  ProgressReader &
  ExportReader &
  IdentityReader &
  FleetReader &
  RolloutReader &
  EventReader &
  TokenReader &
  TrustReader &
  WebhookReader &
  AuditReader

/** All changes, by what they are about; only inside {@link Catalog.write}. */
export type CatalogWriter = SharedWriter & ModelWriter & ReleaseWriter & TagWriter & RolloutWriter

/** Changes of what belongs to no model; inside every kind of write. */
export type SharedWriter = CatalogReader &
  IntakeWriter &
  BlobWriter &
  ProgressWriter &
  ExportWriter &
  IdentityWriter &
  FleetWriter &
  EventWriter &
  TokenWriter &
  TrustWriter &
  WebhookWriter &
  AuditWriter &
  LeaseWriter &
  Pick<RolloutWriter, 'forgetEndedRollouts'>
