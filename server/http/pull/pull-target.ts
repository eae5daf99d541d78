import { parseModelReference, type ModelReference } from '../../../protocol/names.ts'
import { rememberRead } from '../reply/remember-read.ts'

const PREFIX = '/models/'

/** Whether an address is under the pull path. */
export function isPullPath(url: string): boolean {
  return url.startsWith(PREFIX)
}

/** More addresses than bots poll at one server. */
const LIMITS = { most: 20_000, longest: 256 }

/**
 * Reads which model and tag a request's address names: `/models/{model}[@{tag}]`, with any query behind.
 *
 * @returns undefined where it is not of that form.
 */
export const parsePullTarget: (url: string) => ModelReference | undefined = rememberRead((url) => {
  const query = url.indexOf('?')
  const segment = url.slice(PREFIX.length, query === -1 ? undefined : query)
  if (!segment.includes('%')) return parseModelReference(segment)
  try {
    return parseModelReference(decodeURIComponent(segment))
  } catch {
    // Not percent-encoded text (RFC 3986 §2.1): no name has it.
    return undefined
  }
}, LIMITS)
