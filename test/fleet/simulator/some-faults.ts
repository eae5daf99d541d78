import { FAULTS, type Fault } from './faults.ts'
import type { Random } from './random.ts'

/** One to three of the faults; with rising `index` every fault comes up. */
export function someFaults(random: Random, index: number): Fault[] {
  const faults = new Set<Fault>([FAULTS[index % FAULTS.length]!])
  const more = random.integer(0, 2)
  for (let count = 0; count < more; count++) faults.add(random.pick(FAULTS))
  return [...faults]
}
