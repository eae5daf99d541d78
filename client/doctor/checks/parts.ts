import type { DoctorContext } from '../doctor-context.ts'
import type { Verdict } from '../finding.ts'
import { judgeParts } from '../rules/judge-parts.ts'

/** Asks for a part, as `slipway pull` does after a broken download. */
export async function checkParts(context: DoctorContext): Promise<Verdict[]> {
  const reply = await context.ask({ extra: { Range: 'bytes=0-99', 'Accept-Encoding': 'identity' } })
  reply.close()
  return [judgeParts({ status: reply.status, contentRange: reply.headers['content-range'] })]
}
