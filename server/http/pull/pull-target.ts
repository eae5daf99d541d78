import { parseModelReference, type ModelReference } from '../../../protocol/names.ts'
import { rememberRead } from '../reply/remember-read.ts'

const PREFIX = '/models/'

/** Whether an address is under the pull path. */
export function isPullPath(url: string): boolean {
  return url.startsWith(PREFIX)
}

/** More models with tags than one server has; each is as long as their names may be, percent-encoded or not. */
const LIMITS = { most: 5_000, longest: 256 }

const readSegment = rememberRead((segment: string): ModelReference | undefined => {
  if (!segment.includes('%')) return parseModelReference(segment)
  try {
    return parseModelReference(decodeURIComponent(segment))
  } catch {
    // Not percent-encoded text (RFC 3986 §2.1): no name has it.
    return undefined
  }
}, LIMITS)

/**
 * Reads which model and tag a request's address names: `/models/{model}[@{tag}]`, with any query behind.
 *
 * @returns undefined where it is not of that form.
 */
export function parsePullTarget(url: string): ModelReference | undefined {
  const query = url.indexOf('?')
  return readSegment(url.slice(PREFIX.length, query === -1 ? undefined : query))
}
