import type { ProcessRecord } from './process-record.ts'
import { silenceWindow } from './silence-window.ts'

/** Whether a poll told more of a process than that it is still there: then its whole record is to be stored. */
export function changesRecord(before: ProcessRecord, after: ProcessRecord): boolean {
  return (
    before.digest !== after.digest ||
    before.polls !== after.polls ||
    before.tag !== after.tag ||
    before.offer !== after.offer ||
    before.lostAt !== after.lostAt ||
    before.replacedBy !== after.replacedBy ||
    before.failures !== after.failures ||
    before.source.address !== after.source.address ||
    before.source.instance !== after.source.instance ||
    before.source.token !== after.source.token ||
    tellsOtherInterval(before, after)
  )
}

/**
 * Whether gaps between polls tell another interval than those that were stored, as far as anything is concluded from it. Of 50,000
 * processes each poll of the first five would have its whole record written otherwise.
 */
function tellsOtherInterval(before: ProcessRecord, after: ProcessRecord): boolean {
  if (before.gaps.length === after.gaps.length) return false
  return before.gaps.length === 0 || silenceWindow(before, null) !== silenceWindow(after, null)
}
