import type { AuditEntry } from '../../protocol/audit.ts'
import { auditActionInWords, auditChangeInWords } from '../../protocol/audit-words.ts'
import { readableTime } from '../../protocol/readable-time.ts'
import { shownText } from '../../protocol/shown-text.ts'

/** Facts of archives are long: the export has all of them. */
const LONGEST = 300

/** An entry of the audit in a line: when, who, from where, what, and the fields that it changed. */
export function describeAuditEntry(entry: AuditEntry): string {
  const { at, actor, address, model, tag } = entry
  const what = model === null ? '' : ` ${model}${tag === null ? '' : `@${tag}`}`
  const from = address === null ? '' : ` (${address})`
  const action = shownText(auditActionInWords(entry), 64)
  const change = shownText(auditChangeInWords(entry), LONGEST)
  return `${readableTime(at)}  ${shownText(actor, 64)}${from}  ${action}${what}  ${change}`.trimEnd()
}
