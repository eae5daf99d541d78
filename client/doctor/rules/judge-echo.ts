import type { Echo } from '../../../protocol/echo.ts'
import type { Verdict } from '../finding.ts'

/** What was sent, to be compared with what arrived. */
export interface EchoObservation {
  /** The names of the query parameters. */
  sent: readonly string[]
  arrived: Pick<Echo, 'parameters' | 'fields' | 'peer' | 'client'>
  /** Whether answers bear the mark of a proxy. */
  isProxied: boolean
}

/** What the request lost on its way, and what the server knows of who sent it. */
export function judgeEcho({ sent, arrived, isProxied }: EchoObservation): Verdict[] {
  const { parameters, fields, peer, client } = arrived
  const lost = sent.filter((name) => !parameters.includes(name))
  const verdicts: Verdict[] =
    lost.length === 0
      ? [{ ok: 'the query arrives as it was sent' }]
      : [{ code: 'query-stripped', detail: `These parameters do not arrive: ${lost.join(', ')}.` }]
  const isForwarded =
    isProxied || ['via', 'forwarded', 'x-forwarded-for', 'x-real-ip'].some((name) => name in fields)
  if (isForwarded && client === peer)
    verdicts.push({ code: 'addresses-hidden', detail: `The server takes ${peer}, a proxy, for the bot.` })
  return verdicts
}
