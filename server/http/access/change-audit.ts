import type { IncomingMessage, ServerResponse } from 'node:http'
import { runAs, type Actor } from '../../access/audit/actor.ts'
import type { RefusedChanges } from '../../access/audit/refused-changes.ts'
import { ANONYMOUS, type Principal } from '../../access/principal.ts'
import type { Clock } from '../../time/clock.ts'
import { PROBLEMS } from '../../../protocol/problem-table.ts'
import { hideTokens } from '../../../protocol/token-text.ts'
import { requestId } from '../reply/request-id.ts'
import { refusalOf } from '../reply/send-problem.ts'
import { clientAddress } from './client-address.ts'

/** Has the audit know who makes changes over HTTP, and which were refused. */
export class ChangeAudit {
  readonly #refused: RefusedChanges
  readonly #clock: Clock

  constructor(refused: RefusedChanges, clock: Clock) {
    this.#refused = refused
    this.#clock = clock
  }

  /** Makes a change for whoever sent a request. */
  run<Result>(request: IncomingMessage, principal: Principal, work: () => Promise<Result>): Promise<Result> {
    return runAs(actorOf(request, principal), work)
  }

  /**
   * Takes down that a change was refused, where its answer says so.
   *
   * @param sender Whose token the request came with; undefined: no token that is known.
   */
  noteAnswer(request: IncomingMessage, response: ServerResponse, sender: Principal = ANONYMOUS): void {
    const code = refusalOf(response)
    if (code === undefined) return
    const { method = '', url = '' } = request
    const [path = ''] = url.split('?', 1)
    const actor = actorOf(request, sender)
    const refused = { actor, method, path: hideTokens(path), status: PROBLEMS[code].status, code }
    this.#refused.note(refused, this.#clock.now())
  }
}

function actorOf(request: IncomingMessage, principal: Principal): Actor {
  return { principal, address: clientAddress(request), request: requestId(request) }
}
