import type { Hint } from './hint.ts'
import type { ProcessRecord } from './process-record.ts'

/** Rasa asks again at its next interval, a whole number of seconds later; a proxy's retry comes at once. */
const AT_ONCE = 500

/** "Over and over" (docs/rollouts.md). */
const QUICK_REPEATS = 3

/** Archives taken without ever showing one, of at least two releases; or that many of one. */
const NEVER_SHOWN = 3
const NEVER_SHOWN_OF_ONE = 6

/** Counts archives in a row that were taken whole and asked for again at once. */
export function countQuickRepeats({ quickRepeats, offer }: ProcessRecord, now: number): number {
  const atOnce = offer?.sentAt != null && now - offer.sentAt < AT_ONCE
  return atOnce ? Math.min(quickRepeats + 1, QUICK_REPEATS) : 0
}

/**
 * What failed loads betray of the way (docs/rollouts.md, "Hints"): `buffered-on-the-way`, and `condition-stripped`, of
 * "a process that never shows what it was sent although it asks on". One bad release looks the same; two do not.
 */
export function hintsOfFailures({
  provenAt,
  digest,
  failures,
  quickRepeats,
}: Pick<ProcessRecord, 'provenAt' | 'digest' | 'failures' | 'quickRepeats'>): Hint[] {
  const hints: Hint[] = []
  if (quickRepeats >= QUICK_REPEATS) hints.push('buffered-on-the-way')
  const sent = failures.filter(({ loads }) => loads > 0)
  const total = sent.reduce((sum, { loads }) => sum + loads, 0)
  const showedNothing = provenAt === null && digest === null
  if (showedNothing && total >= (sent.length > 1 ? NEVER_SHOWN : NEVER_SHOWN_OF_ONE)) {
    hints.push('condition-stripped')
  }
  return hints
}

/** Notes that hints were seen. */
export function noteHints(
  seen: ProcessRecord['hints'],
  hints: readonly Hint[],
  now: number,
): ProcessRecord['hints'] {
  return hints.length === 0 ? seen : { ...seen, ...Object.fromEntries(hints.map((hint) => [hint, now])) }
}
