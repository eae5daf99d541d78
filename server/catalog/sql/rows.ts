import type { Selectable } from 'kysely'
import type { Quota } from '../../../protocol/quota.ts'
import type { ReleaseSignature, SignaturePolicy } from '../../../protocol/signature.ts'
import type { IntakeRecord } from '../../intake/intake-record.ts'
import type { Model } from '../../releases/model.ts'
import type { ArchiveLists, ArchiveSummary, ReleaseSummary } from '../../releases/release.ts'
import type { TagMove } from '../../releases/tag.ts'
import type { IntakeRecordRow, ModelRow, ReleaseRow, TagMoveRow } from './catalog-tables.ts'

/** A row of `models`, in the words of the domain. */
export function modelOf(row: ModelRow): Model {
  return {
    model: row.model,
    defaultTag: row.default_tag,
    createdAt: row.created_at,
    nextNumber: row.next_number,
    revision: row.revision,
    signatures: row.signatures === null ? null : (JSON.parse(row.signatures) as SignaturePolicy),
    quota: row.quota === null ? null : (JSON.parse(row.quota) as Quota),
  }
}

/** A row of `releases`, in the words of the domain. */
export function releaseSummaryOf(row: ReleaseRow): ReleaseSummary {
  return {
    model: row.model,
    number: row.number,
    digest: row.digest,
    size: row.size,
    filename: row.filename,
    publishedAt: row.published_at,
    publishedBy: row.published_by,
    notes: row.notes,
    archive: JSON.parse(row.archive) as ArchiveSummary,
    signature: row.signature === null ? null : (JSON.parse(row.signature) as ReleaseSignature),
  }
}

/** A row of `release_facts`, or none, in the words of the domain. */
export function listsOf({ facts }: { facts: string | null }): ArchiveLists {
  return JSON.parse(facts ?? '{}') as ArchiveLists
}

/** A release, as `releases` keeps it. */
export function rowOfRelease(release: ReleaseSummary): ReleaseRow {
  return {
    model: release.model,
    number: release.number,
    digest: release.digest,
    size: release.size,
    filename: release.filename,
    published_at: release.publishedAt,
    published_by: release.publishedBy,
    notes: release.notes,
    archive: JSON.stringify(release.archive),
    signature: signatureColumn(release.signature),
  }
}

/** What `releases` keeps of a signature. */
export function signatureColumn(signature: ReleaseSignature | null): string | null {
  return signature === null ? null : JSON.stringify(signature)
}

/** A row of `tag_moves`, in the words of the domain. */
export function tagMoveOf(row: Selectable<TagMoveRow>): TagMove {
  return {
    sequence: row.sequence,
    model: row.model,
    tag: row.tag,
    from: row.from_release,
    to: row.to_release,
    movedAt: row.moved_at,
    movedBy: row.moved_by,
    reason: row.reason,
  }
}

/** A row of `inbox_files`, in the words of the domain. */
export function intakeRecordOf(row: IntakeRecordRow): IntakeRecord {
  return {
    path: row.path,
    size: row.size,
    modifiedAt: row.modified_at,
    digest: row.digest,
    outcome: row.outcome as IntakeRecord['outcome'],
    code: row.code,
    ...(row.version === null ? {} : { version: row.version }),
    ...(row.refused_by === null ? {} : { refusedBy: row.refused_by }),
  }
}

/** What arrived by itself, as `inbox_files` keeps it. */
export function rowOfIntakeRecord(record: IntakeRecord): IntakeRecordRow {
  return {
    path: record.path,
    size: record.size,
    modified_at: record.modifiedAt,
    digest: record.digest,
    outcome: record.outcome,
    code: record.code,
    version: record.version ?? null,
    refused_by: record.refusedBy ?? null,
  }
}
