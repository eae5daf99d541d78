import { compilePattern } from '../name-pattern.ts'
import type { Identity } from './identity-verifier.ts'
import type { TrustedPublisher } from './trusted-publisher.ts'

/** Why an identity is not that of a publisher: the first claim that is not as expected. */
export interface ClaimMismatch {
  readonly claim: string
  /** What the identity token says; undefined where it says nothing. */
  readonly found: string | undefined
  /** How many claims were as expected before. */
  readonly matched: number
}

/** @returns undefined where everything is as the publisher has it. */
export function mismatchOf(publisher: TrustedPublisher, identity: Identity): ClaimMismatch | undefined {
  const { issuer, audiences, claims } = identity
  if (publisher.issuer !== issuer) return { claim: 'iss', found: issuer, matched: 0 }
  if (!audiences.includes(publisher.audience))
    return { claim: 'aud', found: audiences.join(', '), matched: 1 }
  let matched = 2
  for (const [claim, expected] of Object.entries(publisher.claims)) {
    const found = Object.hasOwn(claims, claim) ? textOf(claims[claim]) : undefined
    if (found === undefined || !compilePattern(expected)(found)) return { claim, found, matched }
    matched++
  }
  return undefined
}

/** The mismatch that is worth telling: of the publisher that came nearest. */
export function nearestMismatch(
  publishers: readonly TrustedPublisher[],
  identity: Identity,
): ClaimMismatch | undefined {
  return publishers
    .flatMap((publisher) => mismatchOf(publisher, identity) ?? [])
    .toSorted((one, other) => other.matched - one.matched)
    .at(0)
}

/** Of what JSON may hold, only texts, numbers and truth values are compared. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}
