import { newProcessName } from '../../../protocol/process-name.ts'
import { isRedirect } from '../../http/redirect.ts'
import type { DoctorContext } from '../doctor-context.ts'
import { NoAnswer, askAsBot } from '../exchange/bot-request.ts'
import type { BotReply } from '../exchange/bot-request.ts'
import { nodeTrust } from '../exchange/python-trust.ts'
import type { Verdict } from '../finding.ts'
import { judgeFailure, judgeTls } from '../rules/judge-connection.ts'
import { MOST_REDIRECTS, judgeRedirects } from '../rules/judge-redirects.ts'
import type { Redirect } from '../rules/judge-redirects.ts'

/** Connects, encrypts, and follows redirects as aiohttp does; the context then knows where the model is. */
export async function checkReach(
  context: DoctorContext,
): Promise<{ verdicts: Verdict[]; reply: BotReply | undefined }> {
  const { trust } = context.options
  const verdicts: Verdict[] =
    trust.unreadable === undefined ? [] : [{ code: 'ssl-cert-file', detail: trust.unreadable }]
  const redirects: Redirect[] = []
  try {
    const reply = await follow(context, redirects)
    verdicts.push({ ok: `${context.url.host} is reached in ${Math.round(reply.milliseconds)} ms` })
    if (reply.tls !== undefined) {
      const refusedByNode = await whyNodeRefuses(context)
      verdicts.push(...judgeTls({ tls: reply.tls, refusedByNode, now: Date.now() }))
    }
    verdicts.push(...judgeRedirects(redirects, !isRedirect(reply.status)))
    return { verdicts, reply }
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    if (redirects.length > 0) verdicts.push(...judgeRedirects(redirects, true))
    return { verdicts: [...verdicts, judgeFailure(error.failure)], reply: undefined }
  }
}

/** HEAD is no poll: a Slipway does not take it for a bot. */
async function follow(context: DoctorContext, redirects: Redirect[]): Promise<BotReply> {
  const condition = newProcessName()
  for (;;) {
    const reply = await context.ask({ method: 'HEAD', condition })
    reply.close()
    const { location } = reply.headers
    if (!isRedirect(reply.status) || location === undefined || !URL.canParse(location, context.url.href))
      return reply
    if (redirects.length === MOST_REDIRECTS) return reply
    const to = new URL(location, context.url)
    redirects.push({ status: reply.status, from: context.url, to })
    context.url = to
  }
}

/** Why `slipway pull` would not connect; undefined where it would. */
async function whyNodeRefuses({ url, options }: DoctorContext): Promise<string | undefined> {
  const { signal } = options
  try {
    const reply = await askAsBot({
      method: 'HEAD',
      url,
      headers: {},
      trust: nodeTrust(),
      silence: 10_000,
      signal,
    })
    reply.close()
    return undefined
  } catch (error) {
    if (error instanceof NoAnswer && error.failure.kind === 'tls') return error.failure.message
    if (error instanceof NoAnswer) return undefined
    throw error
  }
}
