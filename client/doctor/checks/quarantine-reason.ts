import { json } from 'node:stream/consumers'
import { z } from 'zod'
import type { DoctorContext } from '../doctor-context.ts'
import { NoAnswer } from '../exchange/bot-request.ts'

const releaseSchema = z.object({ quarantine: z.object({ reason: z.string() }).nullable() })

/**
 * Why the server took the release back from bots that it still gives out, as far as it tells: a token that only pulls may not
 * read releases.
 *
 * @param number As the server names the release.
 * @returns undefined where it did not, or does not say.
 */
export async function readQuarantineReason(
  context: DoctorContext,
  number: string | undefined,
): Promise<string | undefined> {
  const url = context.api(`releases/${number ?? ''}`)
  if (number === undefined || !/^\d{1,15}$/.test(number) || url === undefined) return undefined
  try {
    const reply = await context.ask({ url })
    try {
      if (reply.status !== 200) return undefined
      return releaseSchema.safeParse(await json(reply.message)).data?.quarantine?.reason
    } finally {
      reply.close()
    }
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof SyntaxError) return undefined
    throw error
  }
}
