import { domainLists } from './domain-lists.ts'
import { keepLists } from './keep-lists.ts'
import type { MetadataOutline } from './metadata-outline.ts'
import { instantOfUnix } from './trained-at.ts'
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
 * @throws ArchiveRefused where a key is of the wrong type
 */
export function outlineRasa2({ fingerprint, nluMetadata, domain }: Rasa2Files): MetadataOutline {
  const values = new TypedValues(fingerprint, 'fingerprint.json')
  const rasaVersion = values.text('version')
  const trained = trainedAt(values)
  const language = nluMetadata?.['language']
  return {
    facts: {
      format: 2,
      ...(rasaVersion === undefined ? {} : { rasaVersion }),
      ...(trained === undefined ? {} : { trainedAt: trained }),
      ...(typeof language === 'string' && language.length < 40 ? { language: language.toWellFormed() } : {}),
      ...keepLists(domainLists(isRecord(domain) ? domain : {})),
    },
    nodes: [],
    gaps: [],
  }
}

function trainedAt(values: TypedValues): string | undefined {
  const seconds = values.get('trained_at')
  if (seconds === undefined) return undefined
  const instant = typeof seconds === 'number' ? instantOfUnix(seconds) : undefined
  if (instant === undefined) throw values.wrong('trained_at', 'a Unix time in seconds')
  return instant
}
