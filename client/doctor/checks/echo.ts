import { text } from 'node:stream/consumers'
import { EDITION_FIELD, echoSchema } from '../../../protocol/echo.ts'
import type { Echo } from '../../../protocol/echo.ts'
import { newProcessName } from '../../../protocol/process-name.ts'
import type { DoctorContext } from '../doctor-context.ts'
import { NoAnswer } from '../exchange/bot-request.ts'
import type { Verdict } from '../finding.ts'
import { proxiesSeen } from '../proxies.ts'
import { judgeClock } from '../rules/judge-clock.ts'
import { judgeEcho } from '../rules/judge-echo.ts'

/** Has the server say how a request arrived, and what time it is there. */
export async function checkEcho(context: DoctorContext): Promise<Verdict[]> {
  const begun = Date.now()
  const echo = context.isSlipway ? await askForEcho(context) : undefined
  const here = (begun + Date.now()) / 2
  context.echo = echo
  const clock = judgeClock({ server: Date.parse(echo?.at ?? context.reply['date'] ?? ''), here })
  const verdicts = clock === undefined ? [] : [clock]
  if (echo !== undefined) {
    const sent = [...new Set(context.url.searchParams.keys())]
    return [
      ...judgeEcho({ sent, arrived: echo, isProxied: proxiesSeen(context.reply).length > 0 }),
      ...verdicts,
    ]
  }
  if (!context.isSlipway) return verdicts
  return [
    ...verdicts,
    { code: 'diagnosis-limited', detail: 'GET /api/v1/models/{model}/echo is not answered by the server.' },
  ]
}

/** What the server says of a request; undefined where nobody does. */
export async function askForEcho(
  context: DoctorContext,
  parameters: Readonly<Record<string, string>> = {},
  condition = newProcessName(),
): Promise<Echo | undefined> {
  // Of its own for each request, so that no cache has it.
  const url = context.api('echo', { ...parameters, at: newProcessName() })
  if (url === undefined) return undefined
  try {
    const reply = await context.ask({
      url,
      condition,
      extra: { 'Accept-Encoding': 'identity', [EDITION_FIELD]: '0' },
    })
    try {
      if (reply.status !== 200) return undefined
      return echoSchema.safeParse(JSON.parse(await text(reply.message))).data
    } finally {
      reply.close()
    }
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof SyntaxError) return undefined
    throw error
  }
}
