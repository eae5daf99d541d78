import type { Finding, Verdict } from './finding.ts'
import { findingKind } from './findings.ts'
import type { Proxy } from './proxies.ts'

/**
 * Adds to a verdict what is to be done about it.
 *
 * @param seen The proxies that stand between; with none, the settings of all are named.
 */
export function presentFinding(verdict: Verdict, seen: readonly Proxy[]): Finding {
  if ('ok' in verdict) return { level: 'ok', message: verdict.ok }
  const { level, meaning, remedy, settings = {} } = findingKind(verdict.code)
  const known = Object.entries(settings)
  const fitting = known.filter(([proxy]) => seen.some((each) => each === proxy))
  const chosen = fitting.length > 0 ? fitting : known
  return {
    level,
    code: verdict.code,
    message: `${meaning} ${verdict.detail}`.trim(),
    remedy,
    ...(chosen.length === 0 ? {} : { settings: Object.fromEntries(chosen) }),
  }
}

/** Whether a real bot would work: nothing that was found is an error, but for what is about publishing. */
export function wouldWork(findings: readonly Finding[]): boolean {
  return findings.every(
    ({ level, code }) =>
      level !== 'error' || (code !== undefined && findingKind(code).concerns === 'publishing'),
  )
}
