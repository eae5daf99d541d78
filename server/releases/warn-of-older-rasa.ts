import { compareRasaVersions } from '../../archives/compatibility/compare-rasa-versions.ts'
import type { ReleaseSummary } from './release.ts'
import type { TagWarning } from './tag-warning.ts'

type Trained = Pick<ReleaseSummary, 'model' | 'number' | 'archive'>

/**
 * Warns where a tag moves to a release that an older Rasa trained than the one before: bots were upgraded since, and a newer Rasa
 * refuses archives of versions that it no longer supports (`MINIMUM_COMPATIBLE_VERSION` of its rasa/constants.py).
 *
 * @param from The release that the tag pointed at; undefined where there was none.
 * @returns undefined also where one of the two does not say which Rasa trained it.
 */
export function warnOfOlderRasa(tag: string, from: Trained | undefined, to: Trained): TagWarning | undefined {
  const before = from?.archive.rasaVersion
  const after = to.archive.rasaVersion
  if (from === undefined || before === undefined || after === undefined) return undefined
  if ((compareRasaVersions(after, before) ?? 0) >= 0) return undefined
  return {
    code: 'rasa-older',
    message:
      `${to.model}@${tag}: release ${to.number} was trained by Rasa ${after}, and release ${from.number} before it by Rasa ${before}; ` +
      `bots that run Rasa ${before} may not load it`,
  }
}
