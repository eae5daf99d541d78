import { PullFailure } from '../failure.ts'

/** How many redirects in a row are followed. */
export const MOST_REDIRECTS = 5

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** Whether a status sends us elsewhere. */
export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status)
}

/**
 * Where a redirect leads. Only the same origin will do: our request carries credentials, and the entity tag
 * would be another server's.
 *
 * @throws PullFailure
 */
export function redirectTarget(from: URL, location: string | undefined): URL {
  if (location === undefined || !URL.canParse(location, from.href)) {
    throw new PullFailure('source', 'the server redirects without a usable Location')
  }
  const target = new URL(location, from)
  if (target.origin !== from.origin) {
    throw new PullFailure(
      'source',
      `the server redirects to another origin, ${target.origin === 'null' ? target.protocol : target.origin}, which is not followed. If that is right, name it as the source itself`,
    )
  }
  return target
}

/**
 * Refuses to follow a redirect that would make a GET of a request that changes something (RFC 9110 §15.4: only 307 and 308 keep the
 * method): the page that it leads to, often a login, would be taken for the outcome.
 *
 * @throws PullFailure
 */
export function requireSameMethod(method: string, status: number, target: URL): void {
  if (method === 'GET' || method === 'HEAD' || status === 307 || status === 308) return
  throw new PullFailure(
    'source',
    `the server redirects ${method} to ${target.origin}${target.pathname} (${status}), which is not followed. Is the address right, ` +
      'and is nothing in front of the server that wants a login?',
  )
}
