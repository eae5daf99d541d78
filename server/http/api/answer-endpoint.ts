import type { Request, Response } from 'express'
import type { Logger } from 'pino'
import { z } from 'zod'
import { ANONYMOUS, type Principal } from '../../access/principal.ts'
import type { ChangeAudit } from '../access/change-audit.ts'
import type { Gate } from '../access/gate.ts'
import { Refused } from '../access/refused.ts'
import type { ReadRights } from '../access/rights.ts'
import { ClientGone } from '../reply/client-gone.ts'
import type { FaultLog } from '../reply/fault-log.ts'
import type { RequestFacts } from '../reply/log-request.ts'
import { sendFailure } from '../reply/send-failure.ts'
import { sendReply } from '../reply/send-reply.ts'
import { targetOf, visibilityOf } from './endpoint-rights.ts'
import { ANSWERED, type Call, type Endpoint } from './endpoint.ts'
import { parametersIn, queryOf, refuseUnknownParameters } from './known-parameters.ts'
import { parse, readParameters } from './read-call.ts'
import { readJsonBody } from './read-json-body.ts'

export interface AnswerEndpointDependencies {
  gate: Gate
  readRights: ReadRights
  logger: Logger
  faults: FaultLog
  changes: ChangeAudit
}

/** What log and audit are told of a request that was answered. */
export interface AnsweredRequest {
  /** Whose token the request came with; undefined: no token that is known. */
  sender?: Principal | undefined
  facts?: RequestFacts
  /** Where its line of the log is not at the level of its status. */
  level?: 'debug'
}

/** Lets a request in, reads it, has the endpoint handle it, and answers it, also where any of this fails. It never rejects. */
export async function answerEndpoint(
  endpoint: Endpoint,
  { gate, readRights, faults, changes }: AnswerEndpointDependencies,
  request: Request,
  response: Response,
): Promise<AnsweredRequest> {
  const { method, permission } = endpoint
  const answered: AnsweredRequest = {}
  try {
    const principal =
      permission === 'open' ? ANONYMOUS : gate(request, response, permission, targetOf(endpoint, request))
    if (principal instanceof Refused) return { sender: principal.sender }
    answered.sender = principal
    // Also of a change that is refused: the log says who tried.
    if (isChange(method)) answered.facts = { by: principal.name }
    let visibility: Call['canSee'] | undefined
    const call: Call = {
      ...(await readCall(endpoint, request, response)),
      principal,
      isAllowed(needed, target) {
        const again = gate(request, response, needed, target)
        if (!(again instanceof Refused)) return true
        answered.sender = again.sender ?? principal
        return false
      },
      canSee: (model) => (visibility ??= visibilityOf(endpoint, readRights(request)))(model),
      request,
      response,
    }
    const handle = () => endpoint.handle(call)
    const reply = isAudited(endpoint) ? await changes.run(request, principal, handle) : await handle()
    if (reply === ANSWERED) return answered
    sendReply(request, response, reply)
    answered.facts = { ...answered.facts, ...reply.facts }
    // A dashboard reads all the time; what was changed, sent or refused must be found beside that.
    if (!isChange(method) && response.statusCode < 400) answered.level = 'debug'
  } catch (error) {
    if (error instanceof ClientGone) answered.facts = { ...answered.facts, outcome: 'aborted' }
    else sendFailure(request, response, error, faults)
  }
  return answered
}

/** What only looks is not audited, even where it takes a body. */
export function isAudited({ method, permission }: Endpoint): boolean {
  return isChange(method) && permission !== 'read'
}

function isChange(method: Endpoint['method']): boolean {
  return method !== 'GET'
}

/** What a request says, checked. @throws RequestError, ClientGone */
async function readCall(
  endpoint: Endpoint,
  request: Request,
  response: Response,
): Promise<Pick<Call, 'params' | 'query' | 'body'>> {
  const params = readParameters(request.params)
  const sent = queryOf(request.url)
  if (isChange(endpoint.method)) refuseUnknownParameters(sent, parametersOf(endpoint.query))
  const query = endpoint.query && parse(endpoint.query, parametersIn(sent), 'invalid-parameter', 'query')
  const body =
    endpoint.body &&
    parse(endpoint.body, await readJsonBody(request, response, endpoint), 'invalid-body', 'body')
  return { params, query, body }
}

function parametersOf(query: z.ZodType | undefined): string[] {
  return query instanceof z.ZodObject ? Object.keys(query.shape) : []
}
