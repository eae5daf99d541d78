import type { Request, Response } from 'express'
import { isSurelySameOrigin } from '../access/browser-guard.ts'
import { isOverTls } from '../access/is-over-tls.ts'
import { SOMEWHERE, type ReadRights } from '../access/rights.ts'
import { tokenCookie } from '../access/token-cookie.ts'
import { RequestError } from '../reply/request-error.ts'
import { readForm } from './read-form.ts'

/** What came of a sign-in: the cookie and where to go, or why not. */
export type SignIn =
  | { readonly kind: 'signed-in'; readonly cookie: string; readonly next: string }
  | { readonly kind: 'refused'; readonly reason: string; readonly next: string }

/**
 * Looks at the token that a form sent.
 *
 * @throws RequestError `cross-origin-refused` where another site sent the form, and what {@link readForm} throws.
 */
export async function signIn(request: Request, response: Response, readRights: ReadRights): Promise<SignIn> {
  requireSameOrigin(request)
  const form = await readForm(request, response)
  const token = (form.get('token') ?? '').trim()
  const next = safeNext(form.get('next') ?? '')
  const rights = readRights(request, [token])
  if (rights.isLocked) return { kind: 'refused', reason: LOCKED, next }
  const mayRead = token !== '' && rights.principalFor('read', SOMEWHERE) !== undefined
  if (mayRead) return { kind: 'signed-in', cookie: tokenCookie(token, isOverTls(request)), next }
  return { kind: 'refused', reason: rights.isKnown() ? NO_READING : WRONG, next }
}

/** The value of `Set-Cookie` that signs out. @throws RequestError `cross-origin-refused` */
export function signOut(request: Request): string {
  requireSameOrigin(request)
  return tokenCookie('', isOverTls(request))
}

function requireSameOrigin(request: Request): void {
  if (isSurelySameOrigin(request.headers)) return
  throw new RequestError(
    'cross-origin-refused',
    'Signing in and out is done on the pages of this server alone.',
  )
}

/** An address below the server's root: never another site. */
function safeNext(next: string): string {
  return /^dashboard\/[\w%.~/-]*(?:\?[\w%.~&=+@:-]*)?$/.test(next) && !next.includes('//') ? next : ''
}

const LOCKED =
  'Too many different wrong tokens came from your address: none is looked at for a minute. Wait, then try the right one.'
const WRONG = 'This token is not known here.'
const NO_READING =
  'This token opens no pages: they need one that allows read, for one model at least. The publish token does, or one made with: ' +
  'slipway token create NAME --allow read'
