import type { IncomingMessage, ServerResponse } from 'node:http'
import { formatGrant, type Permission } from '../../../protocol/grant.ts'
import { shownText } from '../../../protocol/shown-text.ts'
import { describeOpeners } from '../../access/grants.ts'
import type { OpenAccess } from '../../access/open-access.ts'
import type { PermissionTarget } from '../../access/permission-target.ts'
import type { Principal } from '../../access/principal.ts'
import type { Access, Authorize } from './authorization.ts'
import { isBorrowedPassword, isForeignPage } from './browser-guard.ts'
import { endIfGone } from './client-address.ts'
import type { GuessLimit } from './guess-limit.ts'
import { Refused } from './refused.ts'
import { RequestSource } from './request-source.ts'
import type { RequestRate } from './request-rate.ts'
import type { ReadRights } from './rights.ts'
import { sentTokens } from './sent-tokens.ts'
import { sendProblem } from '../reply/send-problem.ts'

export interface GateSettings {
  authorize: Authorize
  guesses: GuessLimit
  /** Where no token guards changes, pages of other origins are refused. */
  open: OpenAccess
  /** Whether the addresses of clients behind proxies are known (SLIPWAY_TRUST_PROXY). */
  trustsProxy: boolean
}

interface LimitedGateSettings extends GateSettings {
  /** What a token may ask for, pulls aside. */
  rate: RequestRate
}

/** Says who is let in, or answers the request; every road goes through here before a body is read. */
export type Gate = (
  request: IncomingMessage,
  response: ServerResponse,
  permission: Permission,
  target?: PermissionTarget,
) => Principal | Refused

/** Tells what tokens allow, for pages; wrong ones count as they do at the gate. */
export function createReadRights(settings: GateSettings): ReadRights {
  const { authorize } = settings
  return (request, tokens = sentTokens(request)) => {
    const isTooMany = isLocked(settings, request, tokens)
    return {
      isLocked: isTooMany,
      isKnown: () => !isTooMany && (authorize(tokens, 'pull', {}).known ?? []).length > 0,
      principalFor(permission, target = {}) {
        if (isTooMany) return undefined
        const access = authorize(tokens, permission, target)
        noteGuesses(settings, request, tokens, access)
        return access.kind === 'granted' ? access.principal : undefined
      },
    }
  }
}

/** The check of who may do what, for all routes alike. */
export function createGate(settings: LimitedGateSettings): Gate {
  const { authorize, open, rate } = settings
  // A request that comes here again, for each of its tags, is one.
  const counted = new WeakSet<IncomingMessage>()

  /** Whether a request is one more than its token may send. Pulls are limited by what is sent at once instead. */
  function isBeyondRate(request: IncomingMessage, permission: Permission, access: Access): boolean {
    if (permission === 'pull' || access.kind === 'unknown' || access.principal.token === undefined)
      return false
    if (counted.has(request)) return false
    counted.add(request)
    return !rate.tryTake(access.principal.token)
  }

  return (request, response, permission, target = {}) => {
    const isOpen = open.changes
    if (isOpen ? isForeignPage(request) : isBorrowedPassword(request)) {
      sendProblem(request, response, 'cross-origin-refused', isOpen ? FOREIGN_PAGE : BORROWED_PASSWORD)
      return new Refused()
    }
    const tokens = sentTokens(request)
    if (isLocked(settings, request, tokens)) {
      sendProblem(request, response, 'too-many-failures', LOCKED_OUT)
      return new Refused()
    }
    const access = authorize(tokens, permission, target)
    noteGuesses(settings, request, tokens, access)
    if (isBeyondRate(request, permission, access)) {
      sendProblem(request, response, 'too-many-requests', BEYOND_RATE)
      return new Refused(access.kind === 'unknown' ? undefined : access.principal)
    }
    switch (access.kind) {
      case 'granted':
        return access.principal
      case 'insufficient':
        sendProblem(
          ...([request, response, 'token-insufficient'] as const),
          describeLack(access.principal, access.allow, permission, target),
          { needs: neededGrant(permission, target) },
        )
        return new Refused(access.principal)
      case 'unknown':
        sendProblem(
          request,
          response,
          'token-required',
          TOKEN_REQUIRED[permission === 'pull' ? 'pull' : 'other'],
        )
        return new Refused()
    }
  }
}

/** Whether a token must not be looked at now. Most polls bring none, or nobody has guessed: then nothing is asked of where they come from. */
function isLocked(
  { guesses, trustsProxy }: GateSettings,
  request: IncomingMessage,
  tokens: readonly string[],
): boolean {
  if (tokens.length === 0 || guesses.isQuiet) return false
  const source = new RequestSource(request, trustsProxy)
  return tokens.some((token) => guesses.isLocked(source, token))
}

/** Whoever has a right token must not guess another beside it: each token counts by itself. */
function noteGuesses(
  { guesses, trustsProxy }: GateSettings,
  request: IncomingMessage,
  tokens: readonly string[],
  { known }: Access,
): void {
  if (tokens.length === 0 || known === undefined) return
  const source = new RequestSource(request, trustsProxy)
  for (const token of tokens) {
    if (known.includes(token)) guesses.addRight(source, token)
    // Of a peer that has gone the system does not tell where it guessed from, and it learns nothing.
    else if (!endIfGone(request)) guesses.addWrong(source, token)
  }
}

const FOREIGN_PAGE =
  'Without a publish token, changes are taken from this machine only, and not from web pages of other origins. ' +
  'Set SLIPWAY_PUBLISH_TOKEN to publish under another name or from a page.'

const BORROWED_PASSWORD =
  'Changes are not taken from web pages of other origins with a remembered password; send the token as Bearer token.'

const LOCKED_OUT =
  'Too many different wrong tokens came from this address: none is looked at for a minute. Wait, then send the right token.'

const BEYOND_RATE =
  'This token sends more requests than one may (SLIPWAY_MAX_REQUESTS_PER_TOKEN a second). Wait as Retry-After says, and ask less ' +
  'often: the events (/api/v1/events) tell what changes. Pulls are not counted.'

/** What a token must allow, as it is written when one is made. */
function neededGrant(permission: Permission, { model, tag }: PermissionTarget): string {
  const limit = (name: string | undefined) => (name === undefined ? '*' : shownText(name, 64))
  return formatGrant({
    permission,
    model: limit(typeof model === 'string' ? model : undefined),
    tag: limit(typeof tag === 'string' ? tag : undefined),
  })
}

function describeLack(
  { name }: Principal,
  allow: readonly string[],
  permission: Permission,
  target: PermissionTarget,
): string {
  const openers = describeOpeners(permission)
  const others = openers === permission ? '' : ` (${openers})`
  return (
    `This needs a token that allows ${neededGrant(permission, target)}${others}; "${name}" allows ` +
    `${allow.join(', ')}.`
  )
}

const TOKEN_REQUIRED = {
  pull: 'Send a token that allows pull: as ?token= (token: in endpoints.yml), as Bearer token or as password of Basic.',
  other:
    'Send a token that allows this as Bearer token or as password of Basic (SLIPWAY_TOKEN for the slipway command).',
}
