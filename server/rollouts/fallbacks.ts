import type { Digest } from '../releases/release.ts'
import { presentOf, type Unit } from './unit.ts'

/**
 * The digests that evidence bots of a tag run, the last loaded first: what a cold process is given whose load failed
 * too often (docs/rollouts.md, rule 4).
 */
export function fallbackDigests(units: readonly Unit[]): Digest[] {
  const since = new Map<Digest, number>()
  for (const unit of units) {
    if (!unit.isEvidence) continue
    for (const { digest, since: at } of presentOf(unit)) {
      if (digest !== null) since.set(digest, Math.max(at, since.get(digest) ?? 0))
    }
  }
  return [...since].toSorted(([, one], [, other]) => other - one).map(([digest]) => digest)
}
