import { ArchiveRefused } from '../archive-refused.ts'
import { scanJson } from './scan-json.ts'
import { isRecord } from './typed-value.ts'

/**
 * The object in a JSON file of the archive.
 *
 * @param member the file, for messages
 * @throws ArchiveRefused where it is no JSON object, is nested too deeply, or tries to reach prototypes
 */
export function parseMetadata(bytes: Buffer, member: string, depthLimit: number): Record<string, unknown> {
  const invalid = (what: string) =>
    new ArchiveRefused('archive-metadata-invalid', `${member} ${what}; expected is what rasa train writes`, {
      member,
    })
  if (scanJson(bytes) > depthLimit) {
    throw new ArchiveRefused(
      'archive-metadata-too-large',
      `${member} is nested more than ${depthLimit} levels deep, which no training makes`,
      { member, limit: depthLimit },
    )
  }
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (error) {
    throw invalid(`is not valid JSON in UTF-8 (${(error as Error).message.slice(0, 100)})`)
  }
  if (!isRecord(value)) throw invalid('is not a JSON object')
  if (reachesPrototypes(value)) throw invalid('has a key that reaches for prototypes, such as "__proto__"')
  return value
}

/**
 * `__proto__` and `constructor.prototype` do nothing here, but would to whoever merges what we show into an
 * object; an intent that is merely called "constructor" is harmless.
 */
function reachesPrototypes(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(reachesPrototypes)
  if (!isRecord(value)) return false
  if (Object.hasOwn(value, '__proto__')) return true
  const maker = Object.hasOwn(value, 'constructor') ? value['constructor'] : undefined
  if (isRecord(maker) && Object.hasOwn(maker, 'prototype')) return true
  return Object.values(value).some(reachesPrototypes)
}
