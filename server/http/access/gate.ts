import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Authorize, Principal } from './authorization.ts'
import { refuseBorrowedPassword, refuseForeignPage } from './browser-guard.ts'
import type { FailedAttempts } from './failed-attempts.ts'
import type { Permission, PermissionTarget } from './permission.ts'
import { sendProblem } from '../reply/send-problem.ts'

export interface GateSettings {
  authorize: Authorize
  failures: FailedAttempts
  /** Set where no publish token guards changes: then pages of other origins are refused. */
  refusePagesFor: string | undefined
}

/** Lets a request in, or answers it; every road goes through here before a body is read. */
export type Gate = (
  request: IncomingMessage,
  response: ServerResponse,
  permission: Permission,
  target?: PermissionTarget,
) => Principal | undefined

/** The check of who may do what, for all routes alike. */
export function createGate({ authorize, failures, refusePagesFor }: GateSettings): Gate {
  return (request, response, permission, target = {}) => {
    const foreign =
      refusePagesFor === undefined
        ? refuseBorrowedPassword(request)
        : refuseForeignPage(request, refusePagesFor)
    if (foreign !== undefined) {
      sendProblem(request, response, foreign, refusePagesFor === undefined ? BORROWED_PASSWORD : FOREIGN_PAGE)
      return undefined
    }
    const principal = authorize(request, permission, target)
    if (principal === undefined) {
      const tooMany = failures.add(request.socket.remoteAddress ?? '')
      if (tooMany)
        sendProblem(request, response, 'too-many-failures', 'Wait a minute, then send the right token.')
      else
        sendProblem(
          request,
          response,
          'token-required',
          TOKEN_REQUIRED[permission === 'pull' ? 'pull' : 'other'],
        )
      return undefined
    }
    if (principal === 'insufficient') {
      sendProblem(
        request,
        response,
        'token-insufficient',
        'The pull token only fetches models; send the publish token.',
      )
      return undefined
    }
    return principal
  }
}

const FOREIGN_PAGE =
  'Without a publish token, changes are taken from this machine only, and not from web pages of other origins. ' +
  'Set SLIPWAY_PUBLISH_TOKEN to publish under another name or from a page.'

const BORROWED_PASSWORD =
  'Changes are not taken from web pages of other origins with a remembered password; send the token as Bearer token.'

const TOKEN_REQUIRED = {
  pull: 'Send the pull token: as ?token= (token: in endpoints.yml), as Bearer token or as password of Basic.',
  other:
    'Send the publish token as Bearer token or as password of Basic (SLIPWAY_TOKEN for the slipway command).',
}
