import type { Amount } from '../../protocol/rollout-policy.ts'

/** The share in per cent that an amount names; undefined where it is a number of bots. */
export function percentOf(amount: Amount): number | undefined {
  return typeof amount === 'number' ? undefined : Number.parseFloat(amount)
}

/** How many of `population` an amount is, exactly; a number may be more than there are. */
function exact(amount: Amount, population: number): number {
  if (typeof amount === 'number') return amount
  // Shares have two decimals at most. 0.07 % of 10,000 are 7: as fractions, a little more than 7, which would be rounded up to 8.
  return (Math.round(Number.parseFloat(amount) * 100) * population) / 10_000
}

/** The size of a step: "rounded up to at least one" (docs/rollouts.md), and no more than there are. */
export function stepSize(amount: Amount, population: number): number {
  return Math.min(population, Math.max(1, Math.ceil(exact(amount, population))))
}

/** How many failed bots a step may have: "number or share (rounded down)" (docs/rollouts.md). */
export function toleratedFailures(amount: Amount, members: number): number {
  return Math.floor(exact(amount, members))
}

/** How many bots may load or drain at once: "number or share, at least 1" (docs/rollouts.md); Infinity for null. */
export function placesFor(amount: Amount | null, population: number): number {
  return amount === null ? Infinity : Math.max(1, Math.floor(exact(amount, population)))
}

/** How many bots each step has, of so many: what `--dry-run` tells. */
export function stepSizes(steps: readonly Amount[], population: number): number[] {
  let before = 0
  return steps.map((step) => (before = Math.max(before, stepSize(step, population))))
}
