import type { ArchiveFacts, ArchiveWarning } from '../archive-facts.ts'
import { ArchiveRefused } from '../archive-refused.ts'
import { domainLists } from './domain-lists.ts'
import type { MemberTree } from '../tar/member-tree.ts'
import { instantOfUnix } from './trained-at.ts'
import { trainingWarnings } from './training-warnings.ts'
import { isRecord, TypedValues } from './typed-value.ts'

/** The JSON files of a Rasa 2 archive, parsed; those beside `fingerprint.json` only where they could be. */
export interface Rasa2Files {
  fingerprint: Record<string, unknown>
  nluMetadata?: Record<string, unknown>
  domain?: Record<string, unknown>
}

/**
 * What a Rasa 1 or 2 archive says of itself.
 *
 * @throws ArchiveRefused where a key is of the wrong type, or both `core` and `nlu` are missing
 */
export function rasa2Facts(
  { fingerprint, nluMetadata, domain }: Rasa2Files,
  tree: MemberTree,
): Omit<ArchiveFacts, 'unpackedSize' | 'members'> {
  const values = new TypedValues(fingerprint, 'fingerprint.json')
  const trainingType = trainingTypeOf(tree)
  const rasaVersion = values.text('version')
  const trained = trainedAt(values)
  const language = nluMetadata?.['language']
  const warnings: ArchiveWarning[] = trainingWarnings(trainingType)
  return {
    format: 2,
    ...(rasaVersion === undefined ? {} : { rasaVersion }),
    ...(trained === undefined ? {} : { trainedAt: trained }),
    ...(typeof language === 'string' && language.length < 40 ? { language: language.toWellFormed() } : {}),
    trainingType,
    ...(isRecord(domain) ? domainLists(domain) : {}),
    warnings,
  }
}

function trainingTypeOf(tree: MemberTree): 'nlu' | 'core' | 'both' {
  const core = tree.hasFolder('core')
  const nlu = tree.hasFolder('nlu')
  if (core && nlu) return 'both'
  if (!core && !nlu) {
    throw new ArchiveRefused(
      'archive-incomplete',
      'the archive has neither of the folders core and nlu, of which a Rasa 2 model has at least one',
      { components: ['core', 'nlu'] },
    )
  }
  return core ? 'core' : 'nlu'
}

function trainedAt(values: TypedValues): string | undefined {
  const seconds = values.get('trained_at')
  if (seconds === undefined) return undefined
  const instant = typeof seconds === 'number' ? instantOfUnix(seconds) : undefined
  if (instant === undefined) throw values.wrong('trained_at', 'a Unix time in seconds')
  return instant
}
