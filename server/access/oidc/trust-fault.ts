import { parseGrant } from '../../../protocol/grant.ts'
import type { TrustedPublisher } from './trusted-publisher.ts'

/** What a token says of itself rather than of whom it is for; issuer and audience have fields of their own. */
const REGISTERED: ReadonlySet<string> = new Set(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti'])

/** Issuers that everybody may get tokens from, with the claims of which one says for certain whose they are. */
const PUBLIC_ISSUERS: readonly { issuer: RegExp; anchors: readonly string[]; noSubject: boolean }[] = [
  {
    issuer: /^https:\/\/token\.actions\.githubusercontent\.com(?:\/|$)/,
    anchors: ['repository_id', 'repository_owner_id'],
    // Its form changed in July 2026, and it is made of names, which others may take once they are free.
    noSubject: true,
  },
  { issuer: /^https:\/\/gitlab\.com$/, anchors: ['project_id', 'namespace_id'], noSubject: true },
]

/**
 * Says why a publisher must not be trusted so.
 *
 * @returns undefined where it may.
 */
export function faultOfTrust({
  issuer,
  claims,
  allow,
}: Pick<TrustedPublisher, 'issuer' | 'claims' | 'allow'>): string | undefined {
  return (
    faultOfIssuer(issuer) ?? faultOfClaims(claims) ?? faultOfPublic(issuer, claims) ?? faultOfGrants(allow)
  )
}

function faultOfIssuer(issuer: string): string | undefined {
  if (!URL.canParse(issuer)) return `issuer: "${issuer}" is no address`
  const url = new URL(issuer)
  if (url.search !== '' || url.hash !== '' || url.username !== '') return 'issuer: write the address alone'
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return undefined
  return 'issuer: its keys are fetched from it, so it begins with https://'
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

function faultOfClaims(claims: TrustedPublisher['claims']): string | undefined {
  const names = Object.keys(claims)
  if (names.length === 0) return 'claims: name at least one, or every token of the issuer would do'
  if (Object.values(claims).every((value) => /^\*+$/.test(value))) return 'claims: * alone says nothing'
  const registered = names.find((name) => REGISTERED.has(name))
  return registered === undefined ? undefined : `claims: ${registered} is checked anyway; leave it out`
}

function faultOfPublic(issuer: string, claims: TrustedPublisher['claims']): string | undefined {
  const known = PUBLIC_ISSUERS.find((each) => each.issuer.test(issuer))
  if (known === undefined) return undefined
  const { anchors, noSubject } = known
  if (noSubject && Object.hasOwn(claims, 'sub')) {
    return `claims: sub is made of names, and names are given to others; use ${anchors.join(' or ')}, and each claim on its own`
  }
  const isAnchored = anchors.some((anchor) => /^\d+$/.test(claims[anchor] ?? ''))
  return isAnchored
    ? undefined
    : `claims: anybody gets tokens of ${issuer}, so name whose count by ${anchors.join(' or ')}, a number`
}

function faultOfGrants(allow: readonly string[]): string | undefined {
  return allow.some((text) => parseGrant(text)?.permission === 'admin')
    ? 'allow: admin makes tokens that outlive this one; name what is needed'
    : undefined
}
