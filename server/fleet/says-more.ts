import type { ProcessRecord } from './process-record.ts'

/** Whether a poll told more of a process than that it is still there: then its whole record is to be stored. */
export function saysMore(before: ProcessRecord, after: ProcessRecord): boolean {
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
    before.gaps.length !== after.gaps.length
  )
}
