import type { ConnectionFailure, TlsFacts } from '../exchange/bot-request.ts'
import type { Verdict } from '../finding.ts'
import type { FindingCode } from '../findings.ts'

const OF_KIND: Readonly<Record<Exclude<ConnectionFailure['kind'], 'tls'>, FindingCode>> = {
  refused: 'unreachable',
  'unknown-host': 'host-unknown',
  silent: 'no-answer',
  'not-http': 'not-http',
  closed: 'no-answer',
  other: 'unreachable',
}

/** What OpenSSL says where no known authority has signed the certificate. */
const UNTRUSTED =
  /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(?:GET_ISSUER_CERT|GET_ISSUER_CERT_LOCALLY|VERIFY_LEAF_SIGNATURE)|CERT_UNTRUSTED|INVALID_CA)$/

/** What a connection that did not come about means. */
export function judgeFailure(failure: ConnectionFailure): Verdict {
  return { code: codeOf(failure), detail: failure.message }
}

function codeOf({ kind, code }: ConnectionFailure): FindingCode {
  if (kind !== 'tls') return OF_KIND[kind]
  if (UNTRUSTED.test(code)) return 'tls-untrusted'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') return 'tls-wrong-name'
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'tls-expired'
  return 'tls-failed'
}

/** An encrypted connection that came about, as Python's trust goes. */
export interface TlsObservation {
  tls: TlsFacts
  /** Why Node, by its own trust, does not accept it; undefined where it does. */
  refusedByNode: string | undefined
  /** Milliseconds since 1970. */
  now: number
}

const DAY = 86_400_000
/** Who renews by hand needs some days. */
const SOON = 14 * DAY

/** What there is to say of an encrypted connection. */
export function judgeTls({ tls, refusedByNode, now }: TlsObservation): Verdict[] {
  const days = Math.floor((tls.validUntil - now) / DAY)
  const verdicts: Verdict[] =
    tls.validUntil - now < SOON
      ? [{ code: 'tls-ends-soon', detail: `The certificate ends in ${days} days.` }]
      : [{ ok: `${tls.protocol}, with a certificate that Rasa trusts and that is valid for ${days} days` }]
  if (refusedByNode !== undefined) verdicts.push({ code: 'tls-not-for-puller', detail: refusedByNode })
  return verdicts
}
