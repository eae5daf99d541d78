import type { Verdict } from '../finding.ts'

/** How bots are answered that send the entity tag of what they run. */
export interface ConditionObservation {
  /** The tag that was sent. */
  sent: string
  /** The statuses of HEAD and of GET; undefined where it was not asked so. */
  head: number | undefined
  get: number | undefined
  /** What arrived as `If-None-Match` at the server; null: nothing did; undefined: nobody can tell. */
  arrived: string | null | undefined
}

/** What Rasa takes for "nothing new". */
const UNCHANGED = new Set([204, 304])

/** Whether a bot that is up to date is left alone. */
export function judgeCondition({ sent, head, get, arrived }: ConditionObservation): Verdict {
  const statuses = [get, head].filter((status) => status !== undefined)
  const wrong = statuses.find((status) => !UNCHANGED.has(status))
  if (wrong === undefined) {
    if (typeof arrived === 'string' && arrived !== sent)
      return {
        code: 'condition-altered',
        detail: `If-None-Match was sent as ${sent} and arrived as ${arrived}.`,
      }
    return { ok: 'a bot that is up to date is answered 304' }
  }
  const answered = `A bot that sent ${sent} was answered ${wrong} instead of 304`
  if (arrived === null)
    return { code: 'condition-stripped', detail: `${answered}: If-None-Match does not arrive at the server.` }
  if (wrong === 200) return { code: 'never-unchanged', detail: `${answered}.` }
  return { code: 'unexpected-status', detail: `${answered}.` }
}
