import type { Generated, Kysely } from 'kysely'

/**
 * The tables of a catalog as SQL sees them: what migrations/ builds. Plain types only (text, integers,
 * floats), so that the same tables can be kept by another database.
 */
export interface CatalogTables {
  models: ModelRow
  releases: ReleaseRow
  /** ArchiveLists of a release as JSON: up to 256 KiB, read for single releases only. */
  release_facts: { model: string; number: number; facts: string }
  /** Sigstore bundles as JSON: up to 64 KiB, read for single releases only. */
  release_bundles: { model: string; number: number; bundle: string }
  /** Every digest that a model has or had: rows outlive their releases. */
  released_digests: { model: string; digest: string }
  tags: TagRow
  tag_moves: TagMoveRow
  inbox_files: IntakeRecordRow
  damaged_blobs: { digest: string; kind: string; version: string; damaged_at: string }
  unused_blobs: { digest: string; since: string }
  task_progress: { task: string; position: string; begun_at: string; completed_at: string | null }
  exports: ExportRow
  bots: BotRow
  processes: ProcessRow
  /** The last number that a change of a model's processes or rollouts has; a model without one has no such change yet. */
  fleets: { model: string; revision: number }
  /** Processes that are not kept any more, for servers that know them. */
  forgotten_processes: { model: string; process: string; revision: number; at: number }
  events: EventRow
  rollouts: RolloutRow
  quarantine: { model: string; digest: string; at: number; reason: string }
  webhooks: WebhookRow
  webhook_deliveries: WebhookDeliveryRow
  webhook_queues: WebhookQueueRow
  /** One row: the number that the first release of a new model gets. */
  numbering: { id: number; first_number: number }
  /** One row: which catalog this is. */
  identity: { id: number; server: string }
  tokens: TokenRow
  trusted_publishers: TrustedPublisherRow
  /** One row: how often tokens were changed. */
  token_changes: { id: number; revision: number }
  /** Transactions of late, where an answer to a COMMIT may be lost. */
  commits: { id: string; at: number }
  /** Who does for a while what one server does for all. */
  leases: { name: string; holder: string; place: string; host: string; epoch: number; until: number }
  /** The servers that share the catalog. */
  servers: ServerRow
  /** Under which key a blob lies, and until when it is kept for somebody who publishes or reads it. */
  blob_claims: { digest: string; generation: number; claimed_until: number }
  /** Retired keys: their objects are to be deleted, and they are never used again. */
  doomed_blobs: { digest: string; generation: number }
  audit: AuditRow
  /** One row: the last entry of the audit, also where it was dropped. */
  audit_head: { id: number; sequence: number; hash: string }
}

/** Moments are milliseconds since 1970, by the clock of the database. */
export interface ServerRow {
  id: string
  place: string
  host: string
  address: string
  version: string
  storage: string
  started_at: number
  seen_at: number
  compared_at: number
}

/** Moments are milliseconds since 1970. */
export interface TrustedPublisherRow {
  name: string
  issuer: string
  audience: string
  /** Record of claims as JSON. */
  claims: string
  /** List of grants as JSON. */
  allow: string
  created_at: number
  created_by: string
}

/** Where the functions of this folder ask: a connection, or the transaction of a write. */
export type CatalogDb = Kysely<CatalogTables>

/** Instants are ISO 8601 text in UTC here and below: they sort as they are. */
export interface ModelRow {
  model: string
  default_tag: string
  created_at: string
  next_number: number
  revision: number
  /** SignaturePolicy as JSON; null: no signature is required. */
  signatures: string | null
  /** Quota as JSON; null: nothing limits the model. */
  quota: string | null
}

export interface ReleaseRow {
  model: string
  number: number
  digest: string
  size: number
  filename: string
  published_at: string
  published_by: string
  notes: string
  /** ArchiveSummary as JSON: some hundred bytes. */
  archive: string
  /** ReleaseSignature as JSON; null: it is not signed. */
  signature: string | null
}

/** Where a tag points; who moved it there and when stands in the move that it names. */
export interface TagRow {
  model: string
  tag: string
  release: number
  sequence: number
  /** RolloutPolicy as JSON; null: the default. */
  policy: string | null
}

export interface TagMoveRow {
  sequence: Generated<number>
  model: string
  tag: string
  from_release: number | null
  to_release: number | null
  moved_at: string
  moved_by: string
  reason: string | null
}

export interface IntakeRecordRow {
  path: string
  size: number
  modified_at: number
  digest: string | null
  outcome: string
  code: string | null
  version: string | null
  refused_by: string | null
}

/** Where the archive of a tag was copied to last. */
export interface ExportRow {
  model: string
  tag: string
  place: string
  name: string
  digest: string
  exported_at: string
  version: string | null
}

/** Moments are milliseconds since 1970 here and below. */
export interface BotRow {
  model: string
  bot: string
  proven_at: number | null
  settled_at: number | null
  last_fresh_at: number | null
  /** When each hint was last seen, as JSON. */
  hints: string
}

export interface ProcessRow {
  model: string
  process: string
  bot: string
  tag: string
  digest: string | null
  offered_digest: string | null
  last_seen: number
  /** ProcessRecord as JSON; `last_seen` may be later than what it says. */
  record: string
  /** Of the change that wrote it; 0: a server that is alone did. */
  revision: Generated<number>
}

export interface EventRow {
  sequence: Generated<number>
  at: number
  kind: string
  model: string | null
  tag: string | null
  bot: string | null
  process: string | null
  /** What else is to be said of it, as JSON. */
  body: string
}

export interface RolloutRow {
  id: Generated<number>
  model: string
  tag: string
  started_at: number
  ended_at: number | null
  /** Rollout as JSON. */
  body: string
  /** Of the change that wrote it. */
  revision: Generated<number>
}

export interface TokenRow {
  id: Generated<number>
  name: string
  digest: string
  /** Grants as a JSON array of text. */
  allow: string
  subject: string | null
  /** Names of trusted publishers as a JSON array of text; null: none. */
  publishers: string | null
  created_at: number
  created_by: string
  expires_at: number | null
  revoked_at: number | null
  revoked_by: string | null
  successor: number | null
  last_used_at: number | null
  /** That of its last change. */
  revision: number
}

export interface WebhookRow {
  id: Generated<number>
  name: string | null
  url: string
  format: string
  /** Types of events as JSON. */
  events: string
  /** Names of models as JSON; null: all. */
  models: string | null
  enabled: number
  disabled_reason: string | null
  secret: string
  previous_secret: string | null
  previous_until: number | null
  created_at: number
  created_by: string
  lost: Generated<number>
}

export interface WebhookDeliveryRow {
  id: Generated<number>
  webhook: number
  /** Empty here and below: of no model. */
  model: string
  message: string
  /** Event as JSON, as it was told then: the log may have dropped it. */
  event: string
  state: string
  attempts: Generated<number>
  queued_at: number
  ended_at: number | null
  status: number | null
  error: string | null
}

/** There is one where something waits, and only there. */
export interface WebhookQueueRow {
  webhook: number
  model: string
  next_at: number
  failures: number
  failing_since: number | null
  error: string | null
}

export interface AuditRow {
  sequence: number
  at: number
  actor: string
  subject: string | null
  address: string | null
  request: string | null
  action: string
  model: string | null
  tag: string | null
  /** JSON, as `after`. */
  before: string
  after: string
  previous: string
  hash: string
}
