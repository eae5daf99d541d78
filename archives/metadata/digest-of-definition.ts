import { hash } from 'node:crypto'
import { isRecord } from './typed-value.ts'

/** Hex digits: two different definitions look alike once in four thousand million times. */
const LENGTH = 8

/** A short digest of a JSON value that does not depend on the order of its keys. */
export function digestOfDefinition(value: unknown): string {
  return hash('sha256', canonicalJson(value), 'hex').slice(0, LENGTH)
}

/** JSON with the keys of each object sorted. The depth of what was parsed is bounded by `ArchiveLimits.metadataDepth`. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (!isRecord(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`)
  return `{${members.join(',')}}`
}
