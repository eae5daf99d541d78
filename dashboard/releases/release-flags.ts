import type { ReleaseSummary } from '../../protocol/release.ts'

/** What is to be known of a release, in a word each, and whether it keeps bots from getting it. */
export function releaseFlags({
  quarantine,
  damagedAt,
  archive,
}: Pick<ReleaseSummary, 'quarantine' | 'damagedAt'> & {
  archive: Pick<ReleaseSummary['archive'], 'warnings' | 'accepted'>
}): { word: string; isBad: boolean }[] {
  return [
    { word: 'taken back', isSo: quarantine !== null, isBad: true },
    { word: 'damaged', isSo: damagedAt !== undefined, isBad: true },
    { word: 'accepted with faults', isSo: (archive.accepted ?? []).length > 0, isBad: true },
    { word: 'warnings', isSo: archive.warnings.length > 0, isBad: false },
  ].filter(({ isSo }) => isSo)
}
