import { z } from 'zod'
import type { Probe } from '../../protocol/rollout-policy.ts'
import { shownText } from '../../protocol/shown-text.ts'
import type { ProbeResult } from '../rollouts/rollout.ts'
import type { Answer } from '../outgoing/exchange.ts'

/** What one try of a probe brought, and why, for people. */
export interface ProbeReading {
  readonly result: Exclude<ProbeResult, 'asked'>
  readonly reason: string
}

/** What Rasa's `POST /model/parse` answers, as far as it matters; without an NLU part the name is null. */
const parsedMessage = z.object({
  intent: z.object({ name: z.string().nullable(), confidence: z.number().default(0) }),
})

/** A gateway says them of what it cannot reach (RFC 9110 §15.6.3 to §15.6.5): nothing is learned of the bot. */
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504])

/** Rasa's answer while it has no model at all: `ensure_loaded_agent` in rasa/server.py. */
const NO_MODEL = 409

/**
 * Says what an answer tells of the bot.
 *
 * What may be wrong with the probe itself (a redirect, an address that is not there, a missing token) tells nothing of
 * the release: it is `unreachable`. Only what Rasa says of a message counts against the release.
 */
export function judgeAnswer(probe: Probe, { status, body }: Pick<Answer, 'status' | 'body'>): ProbeReading {
  if (!('text' in probe)) return judgeStatus(status, probe.status)
  if (status === 200) return judgeIntent(body, probe)
  const isOfTheBot = status === NO_MODEL || (status >= 500 && !GATEWAY_STATUSES.has(status))
  return {
    result: isOfTheBot ? 'failed' : 'unreachable',
    reason: `was answered ${status}${hintFor(status)}`,
  }
}

function judgeStatus(status: number, expected: number): ProbeReading {
  if (status === expected) return { result: 'passed', reason: `was answered ${status}` }
  const isRedirect = status >= 300 && status < 400
  return {
    result: isRedirect || GATEWAY_STATUSES.has(status) ? 'unreachable' : 'failed',
    reason: `was answered ${status} where ${expected} was expected${hintFor(status)}`,
  }
}

function judgeIntent(
  body: string | undefined,
  { intent, confidence }: { intent: string; confidence: number },
): ProbeReading {
  if (body === undefined) return { result: 'unreachable', reason: 'was answered more than can be read' }
  const parsed = parsedMessage.safeParse(parseJson(body))
  if (!parsed.success) return { result: 'unreachable', reason: 'was answered something that is not of Rasa' }
  const { name, confidence: found } = parsed.data.intent
  const said = name === null ? 'no intent' : `the intent ${shownText(name, 100)} (${found.toFixed(2)})`
  if (name !== intent)
    return { result: 'failed', reason: `was answered ${said} where ${intent} was expected` }
  return found >= confidence
    ? { result: 'passed', reason: `was answered ${said}` }
    : { result: 'failed', reason: `was answered ${said} where at least ${confidence} was expected` }
}

function hintFor(status: number): string {
  if (status >= 300 && status < 400) return ': redirects are not followed'
  if (status === 401 || status === 403) return ': does the address lack a token?'
  if (status === 404) return ': does Rasa run with --enable-api?'
  return ''
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
