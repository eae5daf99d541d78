import type { IncomingMessage, ServerResponse } from 'node:http'
import { PROBLEMS, type ProblemCode } from '../../../protocol/problem-table.ts'
import { DomainError, type ErrorData } from '../../errors/errors.ts'
import { faultEvent } from './fault-event.ts'
import type { FaultLog } from './fault-log.ts'
import type { RequestFacts } from './log-request.ts'
import { RequestError } from './request-error.ts'
import { requestId } from './request-id.ts'
import { sendProblem } from './send-problem.ts'

/**
 * Answers with the problem that an error stands for. What nobody named is a 500 that says only the request's id; its
 * cause goes to the log.
 *
 * @param facts What the log line says besides: the model, the digest.
 * @returns The code of that problem.
 */
export function sendFailure(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  faults: FaultLog,
  facts: RequestFacts = {},
): ProblemCode {
  const { code, detail, data } = problemFor(error)
  const { status } = PROBLEMS[code]
  if (status >= 500 && !NO_FAULT.has(code)) {
    const told = { request: requestId(request), ...facts, ...data }
    faults.note({ code, error, event: faultEvent(code, error), facts: told })
  }
  sendProblem(request, response, code, detail, data)
  return code
}

/**
 * Answers of 500 and more that are no faults of this server. An issuer's is logged where it is seen, once: anybody could have
 * a line written with each request. A server that is being stopped, or does as much at once as it may, refuses as it should; its client
 * asks another one, or again. The request's own line has the code.
 */
const NO_FAULT: ReadonlySet<ProblemCode> = new Set(['issuer-unavailable', 'shutting-down', 'overloaded'])

interface Refusal {
  code: ProblemCode
  detail?: string | undefined
  data?: ErrorData
}

/** The problem that an error stands for. */
export function problemFor(error: unknown): Refusal {
  if (error instanceof DomainError || error instanceof RequestError) {
    return { code: error.code, detail: error.message, data: error.data }
  }
  if (isArchiveRefusal(error)) return { code: error.code, detail: error.message }
  return { code: 'internal-error', detail: "The server's log has the cause under this request's id." }
}

/** What an inspector refuses an archive with: an error whose code is one of the archive's problems. */
function isArchiveRefusal(error: unknown): error is Error & { code: ProblemCode } {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false
  return error.code.startsWith('archive-') && error.code in PROBLEMS
}
