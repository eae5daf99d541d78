import { PROBLEM_MEDIA_TYPE, problemSchema } from '../../protocol/problem.ts'
import type { Problem } from '../../protocol/problem.ts'
import { shownText } from '../../protocol/shown-text.ts'
import type { Reply } from './exchange.ts'
import { readShortBody } from './read-short-body.ts'

/** More of an error's body than this is not worth reading. */
const MAX_PROBLEM_BYTES = 64 * 1024

/** Reads the problem (RFC 9457) in an error's body; undefined where there is none. Never throws for a bad body. */
export async function readProblem(reply: Reply): Promise<Problem | undefined> {
  if (!(reply.headers['content-type'] ?? '').startsWith(PROBLEM_MEDIA_TYPE)) {
    await reply.cancel()
    return undefined
  }
  try {
    const body = await readShortBody(reply, MAX_PROBLEM_BYTES)
    const parsed = problemSchema.safeParse(JSON.parse(body?.toString() ?? 'null'))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

/** A problem in one line, fit for a terminal. */
export function problemLine(problem: Problem): string {
  return shownText(`${problem.detail ?? problem.title} [${problem.code}]`)
}
