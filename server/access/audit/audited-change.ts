import type { AuditEntry } from '../../../protocol/audit.ts'
import { hashOfEntry } from '../../../protocol/audit-chain.ts'
import { shownText } from '../../../protocol/shown-text.ts'
import type { AuditWriter } from '../../catalog/audit.ts'
import type { Actor } from './actor.ts'

/** A value that the audit keeps: plain JSON. */
export type AuditState = AuditEntry['before']

/** What was done. */
export interface AuditedChange {
  readonly action: string
  readonly model?: string | undefined
  readonly tag?: string | undefined
  readonly before: AuditState
  readonly after: AuditState
  /** Who did it, where the change itself says so; else whoever makes the request, or the server. */
  readonly by?: string | undefined
}

/** Takes down what a writer did. */
export type NoteChange = (change: AuditedChange) => void

/** What stands as actor where the server does something by itself. */
export const SERVER = 'slipway'

/**
 * Adds changes to the chain, in the transaction that makes them.
 *
 * @param now Milliseconds since 1970.
 */
export async function appendChanges(
  writer: AuditWriter,
  changes: readonly AuditedChange[],
  actor: Actor | undefined,
  now: number,
): Promise<void> {
  if (changes.length === 0) return
  let head = await writer.holdAuditHead()
  const entries = changes.map((change) => {
    const unsealed = { ...entryOf(change, actor, now), sequence: head.sequence + 1, previous: head.hash }
    const entry = { ...unsealed, hash: hashOfEntry(unsealed) }
    head = entry
    return entry
  })
  await writer.appendAudit(entries)
}

function entryOf(
  { action, model, tag, before, after, by }: AuditedChange,
  actor: Actor | undefined,
  now: number,
): Omit<AuditEntry, 'sequence' | 'previous' | 'hash'> {
  // A request may cause what the server does by itself: that is not the sender's doing.
  const sender = by === undefined || by === actor?.principal.name ? actor : undefined
  return {
    at: new Date(now).toISOString(),
    actor: by ?? sender?.principal.name ?? SERVER,
    // Not every text is kept as it is by every database: a hash must fit what comes back.
    subject: sender?.principal.subject === undefined ? null : shownText(sender.principal.subject),
    address: sender?.address ?? null,
    request: sender?.request ?? null,
    action,
    model: model ?? null,
    tag: tag ?? null,
    before,
    after,
  }
}
