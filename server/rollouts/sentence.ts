import { nameSome } from '../../protocol/name-some.ts'
import type { Digest } from '../releases/release.ts'
import { failureOf, type Unit } from './unit.ts'

const MOST_NAMED = 5

/** Names a few of many: `pod-1, pod-2 and 3 more`. */
export function nameUnits(units: readonly Pick<Unit, 'id'>[]): string {
  const named = units.slice(0, MOST_NAMED).map(({ id }) => id)
  return nameSome(named, units.length)
}

/**
 * Names units with what went wrong: `pod-3: 3 failed loads; pod-7: 5 failed transfers`.
 *
 * @param otherwise What is said of one that did not fail to load it.
 */
export function nameFailures(units: readonly Unit[], digest: Digest, otherwise = 'a probe failed'): string {
  const named = units
    .slice(0, MOST_NAMED)
    .map((unit) => `${unit.id}: ${failuresInWords(unit, digest) ?? otherwise}`)
  const more = units.length > MOST_NAMED ? [`${units.length - MOST_NAMED} more`] : []
  return [...named, ...more].join('; ')
}

/** Undefined where no load of it failed. */
function failuresInWords(unit: Unit, digest: Digest): string | undefined {
  const failure = failureOf(unit, digest)
  if (failure === undefined) return undefined
  const counts = [
    countOf(failure.loads, 'failed load'),
    countOf(failure.transfers, 'failed transfer'),
    countOf(failure.restarts, 'restart while loading', 'restarts while loading'),
  ].filter((text) => text !== undefined)
  const hints = unit.hints.length > 0 ? ` (${unit.hints.join(', ')})` : ''
  return counts.join(', ') + hints
}

function countOf(count: number, one: string, many = `${one}s`): string | undefined {
  return count === 0 ? undefined : `${count} ${count === 1 ? one : many}`
}
