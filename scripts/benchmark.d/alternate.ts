import { median } from './median.ts'

/** What one load of one round came to, by name: `perSecond`, `cpuSeconds`, … */
export type Figures = Record<string, number>

export interface Compared<Name extends string> {
  /** The median over the rounds. */
  of: (name: Name, figure: string) => number
  /** How `ours` stands to `other`: the median of the rounds' own ratios, as a busy minute disturbs both sides of a round. */
  ratio: (figure: string, ours: Name, other: Name) => number
}

/** Runs the loads one after the other, and that `rounds` times; every second round backwards. */
export async function alternate<Name extends string>(
  rounds: number,
  loads: Record<Name, () => Promise<Figures>>,
): Promise<Compared<Name>> {
  const names = Object.keys(loads) as Name[]
  const seen = new Map<Name, Figures[]>(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) seen.get(name)?.push(await loads[name]())
  }
  const all = (name: Name, figure: string): number[] =>
    (seen.get(name) ?? []).map((figures) => figures[figure] ?? Number.NaN)
  return {
    of: (name, figure) => median(all(name, figure)),
    ratio: (figure, ours, other) => {
      const others = all(other, figure)
      return median(all(ours, figure).map((value, round) => value / (others[round] ?? Number.NaN)))
    },
  }
}
