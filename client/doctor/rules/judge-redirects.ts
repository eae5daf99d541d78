import type { Verdict } from '../finding.ts'

/** A redirect that was followed. */
export interface Redirect {
  status: number
  from: URL
  to: URL
}

/** aiohttp follows so many. */
export const MOST_REDIRECTS = 10

/**
 * What redirects on the way mean.
 *
 * @param ends Whether something else than a redirect came in the end.
 */
export function judgeRedirects(redirects: readonly Redirect[], ends: boolean): Verdict[] {
  if (!ends)
    return [
      { code: 'redirect-loop', detail: `More than ${MOST_REDIRECTS} redirects came one after the other.` },
    ]
  return redirects.map(({ status, from, to }) => ({
    code: from.origin === to.origin ? 'redirected' : 'redirected-elsewhere',
    detail: `${status} from ${shown(from)} to ${shown(to)}${lostQuery(from, to)}.`,
  }))
}

function shown({ origin, pathname }: URL): string {
  return origin + pathname
}

function lostQuery(from: URL, to: URL): string {
  return from.search !== '' && to.search === '' ? ', without the query and the token in it' : ''
}
