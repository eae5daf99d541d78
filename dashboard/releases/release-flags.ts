import type { ReleaseSummary } from '../../protocol/release.ts'

/** What is wrong with a release, in a word each. */
export function releaseFlags({
  quarantine,
  damagedAt,
  archive,
}: Pick<ReleaseSummary, 'quarantine' | 'damagedAt'> & {
  archive: Pick<ReleaseSummary['archive'], 'warnings' | 'accepted'>
}): string[] {
  return [
    quarantine === null ? '' : 'taken back',
    damagedAt === undefined ? '' : 'damaged',
    (archive.accepted ?? []).length === 0 ? '' : 'accepted with faults',
    archive.warnings.length === 0 ? '' : 'warnings',
  ].filter((flag) => flag !== '')
}
