import type { Verdict } from '../finding.ts'
import type { FindingCode } from '../findings.ts'

/** How the address answers a bot that has loaded nothing yet. */
export interface AnswerObservation {
  status: number
  contentType: string | undefined
  /** The code of a problem of Slipway; undefined where the body is none. */
  problem: string | undefined
  /** What a problem says of this case. */
  detail: string | undefined
}

const OF_PROBLEM: Readonly<Record<string, FindingCode>> = {
  'token-required': 'token-missing',
  'token-insufficient': 'token-insufficient',
  'foreign-host-refused': 'host-refused',
  'no-release-tagged': 'nothing-published',
  'too-many-failures': 'rate-limited',
  'blob-damaged': 'release-damaged',
}

/** What the answer means; `ok` where it is one that Rasa loads. */
export function judgeAnswer({ status, contentType, problem, detail }: AnswerObservation): Verdict {
  const said = (code: FindingCode, what: string): Verdict => ({
    code,
    detail: `${what}${detail === undefined ? '' : `: ${detail}`}`,
  })
  const answered = `The answer is ${status}`
  if (status === 200 && isPage(contentType)) return said('web-page', 'The answer is 200 with a web page')
  if (status === 200) return { ok: 'the address answers 200' }
  if (status === 204 || status === 304)
    return said('nothing-published', `${answered}, to a bot that has no model`)
  const known = problem === undefined ? undefined : OF_PROBLEM[problem]
  if (known !== undefined) return said(known, answered)
  if (status === 429) return said('rate-limited', answered)
  if (status >= 500) return said('server-failing', answered)
  if (problem === undefined && (status === 401 || status === 403 || status === 407))
    return said('filtered', `${answered}, and not in the words of Slipway`)
  if (status === 404 || status === 405 || problem === 'invalid-name') return said('wrong-address', answered)
  return said('unexpected-status', answered)
}

/** Whether a media type is that of a web page. */
export function isPage(contentType: string | undefined): boolean {
  return /^(?:text\/html|application\/xhtml\+xml)\b/i.test(contentType ?? '')
}
