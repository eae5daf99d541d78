import type { ArchiveRefusalCode } from '../../../archives/archive-refused.ts'
import { rasaCompatibility } from '../../../archives/compatibility/rasa-compatibility.ts'
import type { ArchiveFacts } from '../../../archives/archive-facts.ts'
import { loadingWarnings } from '../../../archives/differences/loading-warnings.ts'
import type { InspectedArchive } from '../exchange/stream-inspection.ts'
import type { Verdict } from '../finding.ts'

/** The release that a bot would get. */
export interface ReleaseObservation {
  inspected: InspectedArchive
  /** Bytes. */
  size: number
  /** The Rasa of the bots; undefined: some Rasa 3. */
  rasaVersion: string | undefined
  /** Why the server took it back from bots; undefined where it did not, or does not say. */
  takenBack: string | undefined
}

/** What Slipway refuses for its own safety, and Rasa may load all the same. */
const BEYOND_OUR_LIMITS: ReadonlySet<ArchiveRefusalCode> = new Set<ArchiveRefusalCode>([
  'archive-trailing-data',
  'archive-multiple-members',
  'archive-path-too-long',
  'archive-duplicate-member',
  'archive-too-many-members',
  'archive-unpacks-too-large',
  'archive-bomb',
  'archive-metadata-too-large',
])

/** Whether a bot could load what is in the archive that comes. */
export function judgeRelease(seen: ReleaseObservation): Verdict[] {
  const { inspected, takenBack } = seen
  const verdicts = inspected.kind === 'sound' ? judgeFacts(inspected.facts, seen) : [judgeRefusal(inspected)]
  return takenBack === undefined
    ? verdicts
    : [{ code: 'release-taken-back', detail: `The reason was: ${takenBack}.` }, ...verdicts]
}

function judgeRefusal({ code, message }: InspectedArchive & { kind: 'refused' }): Verdict {
  return BEYOND_OUR_LIMITS.has(code)
    ? { code: 'archive-unusual', detail: `${message}.` }
    : { code: 'archive-unloadable', detail: `${message}.` }
}

function judgeFacts(facts: ArchiveFacts, { size, rasaVersion }: ReleaseObservation): Verdict[] {
  const incomplete = (facts.accepted ?? []).map(({ message }): Verdict => ({
    code: 'archive-unloadable',
    detail: `${message}.`,
  }))
  const warnings = [...facts.warnings, ...loadingWarnings(facts, size)]
    .filter(({ code }) => NEEDS_MORE.has(code))
    .map(({ message }): Verdict => ({ code: 'loads-with-conditions', detail: `${message}.` }))
  const version = judgeVersion(facts, rasaVersion)
  const isRefused = incomplete.length > 0 || ('code' in version && version.code === 'rasa-incompatible')
  return [...incomplete, version, ...(isRefused ? [] : warnings)]
}

/** Warnings that decide whether a bot loads the archive; how long it takes, or what was not trained, are no matter here. */
const NEEDS_MORE: ReadonlySet<string> = new Set(['needs-more', 'custom-component'])

function judgeVersion(facts: ArchiveFacts, rasaVersion: string | undefined): Verdict {
  const compatibility = rasaCompatibility(facts, rasaVersion)
  const trainedBy = facts.rasaVersion ?? (facts.format === 2 ? '1 or 2' : 'of an unknown version')
  const trained = `It was trained by Rasa ${trainedBy}`
  switch (compatibility.kind) {
    case 'refused':
      return { code: 'rasa-incompatible', detail: `${trained}: ${compatibility.reason}.` }
    case 'newer':
      return { code: 'rasa-newer', detail: `${trained}, and the bots run ${rasaVersion ?? ''}.` }
    case 'compatible':
      return { ok: `Rasa ${rasaVersion ?? ''} loads what Rasa ${trainedBy} trained` }
    case 'unknown':
      return {
        ok:
          rasaVersion === undefined
            ? `the model was trained by Rasa ${trainedBy} (--rasa-version compares that with the Rasa of the bots)`
            : `the model was trained by Rasa ${trainedBy}; whether Rasa ${rasaVersion} loads it is not known`,
      }
  }
}
