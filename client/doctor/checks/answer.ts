import { z } from 'zod'
import type { DoctorContext } from '../doctor-context.ts'
import type { BotReply } from '../exchange/bot-request.ts'
import type { Verdict } from '../finding.ts'
import { judgeAnswer } from '../rules/judge-answer.ts'

/** The entity tag of an archive that nobody has: Slipway answers it with the whole, and does not take its sender for a bot. */
export const NOBODYS_TAG = `"${'0'.repeat(64)}"`

/** Longer than every problem. */
const LONGEST = 64 * 1024

const problemSchema = z.object({ code: z.string(), detail: z.string().optional() })

/**
 * Looks at how the address answers, and whether Slipway does.
 *
 * @param reply How it answered HEAD.
 */
export async function checkAnswer(context: DoctorContext, reply: BotReply): Promise<Verdict[]> {
  const answered = reply.status === 200 ? reply : await context.ask({ condition: NOBODYS_TAG })
  const { status, headers } = answered
  const problem = status === 200 ? undefined : await readProblem(answered)
  answered.close()
  context.reply = headers
  context.isSlipway =
    headers['slipway-release'] !== undefined ||
    /[0-9a-f]{64}/.test(headers['etag'] ?? '') ||
    problem !== undefined
  return [
    judgeAnswer({
      status,
      contentType: headers['content-type'],
      problem: problem?.code,
      detail: problem?.detail,
    }),
  ]
}

/** The problem that an answer tells of; undefined where it is none. */
export async function readProblem({
  headers,
  message,
}: BotReply): Promise<z.infer<typeof problemSchema> | undefined> {
  if (headers['content-type']?.includes('problem+json') !== true) return undefined
  let text = ''
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      text += chunk.toString()
      if (text.length > LONGEST) return undefined
    }
    return problemSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
