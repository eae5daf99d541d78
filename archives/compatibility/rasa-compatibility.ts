import type { ArchiveFacts } from '../archive-facts.ts'
import { compareRasaVersions } from './compare-rasa-versions.ts'

/** What a Rasa makes of an archive by its version. */
export type RasaCompatibility =
  /** It refuses the archive; the reason is a part of a sentence. */
  | { kind: 'refused'; reason: string }
  /** A newer Rasa trained it: nothing refuses it, but what it names may not be there. */
  | { kind: 'newer' }
  | { kind: 'compatible' }
  /** One of the versions is not known. */
  | { kind: 'unknown' }

/**
 * From which version of Rasa on which archives are refused as too old: `MINIMUM_COMPATIBLE_VERSION` in its rasa/constants.py,
 * the newest first. Where a value was seen only in some releases of a line, the line begins with the first that can have it.
 */
const OLDEST_LOADED: readonly (readonly [rasa: string, oldest: string])[] = [
  ['3.6.21', '3.6.21'],
  ['3.5.0', '3.5.0'],
  ['3.0.0', '3.0.0'],
  ['2.8.9', '2.8.9'],
  ['2.8.0', '2.8.0'],
  ['2.0.0', '2.0.0'],
  ['1.10.0', '1.10.0'],
]

/** What Rasa Pro from here on refuses is not known here. */
const FIRST_UNKNOWN = '3.7.0'

/**
 * Whether a Rasa loads archives of the Rasa that trained this one.
 *
 * @param bots The version of the bots' Rasa; undefined: some Rasa 3.
 */
export function rasaCompatibility(
  { format, rasaVersion }: Pick<ArchiveFacts, 'format' | 'rasaVersion'>,
  bots: string | undefined,
): RasaCompatibility {
  const major = bots === undefined ? 3 : majorOf(bots)
  if (major === undefined) return { kind: 'unknown' }
  if (format === 2 && major >= 3)
    return {
      kind: 'refused',
      reason: 'Rasa 3 refuses archives of Rasa 1 and 2 (UnsupportedModelVersionError)',
    }
  if (format === 3 && major < 3)
    return { kind: 'refused', reason: `Rasa ${bots ?? ''} does not know the format of Rasa 3` }
  if (bots === undefined || rasaVersion === undefined) return { kind: 'unknown' }
  const newer = compareRasaVersions(rasaVersion, bots)
  if (newer === undefined || (compareRasaVersions(bots, FIRST_UNKNOWN) ?? 0) >= 0) return { kind: 'unknown' }
  const oldest = OLDEST_LOADED.find(([rasa]) => (compareRasaVersions(bots, rasa) ?? -1) >= 0)?.[1]
  if (oldest !== undefined && (compareRasaVersions(rasaVersion, oldest) ?? 0) < 0)
    return { kind: 'refused', reason: `Rasa ${bots} refuses what is older than ${oldest}` }
  return { kind: newer > 0 ? 'newer' : 'compatible' }
}

function majorOf(version: string): number | undefined {
  const major = /^(\d{1,3})\./.exec(version)?.[1]
  return major === undefined ? undefined : Number(major)
}
