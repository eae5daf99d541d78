import { median } from './median.ts'

/** What one load of one round came to, by name: `perSecond`, `cpuSeconds`, … */
export type Figures = Record<string, number>

export interface Compared<Name extends string> {
  /** The median over the rounds. */
  of: (name: Name, figure: string) => number
  /** How `ours` stands to `other`: the median of the rounds' own ratios, as a busy minute disturbs both sides of a round. */
  ratio: (figure: string, ours: Name, other: Name) => number
}

/** What the loads came to in each round, by name. */
export type Rounds<Name extends string> = Record<Name, Figures[]>

/** Runs the loads one after the other, and that `rounds` times; every second round backwards. */
export async function alternate<Name extends string>(
  rounds: number,
  loads: Record<Name, () => Promise<Figures>>,
): Promise<Compared<Name>> {
  return compare(await takeTurns(rounds, loads))
}

/** As {@link alternate}, for what is measured in several parts and compared as a whole. */
export async function takeTurns<Name extends string>(
  rounds: number,
  loads: Record<Name, () => Promise<Figures>>,
): Promise<Rounds<Name>> {
  const names = Object.keys(loads) as Name[]
  const seen = Object.fromEntries(names.map((name) => [name, [] as Figures[]])) as Rounds<Name>
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) seen[name].push(await loads[name]())
  }
  return seen
}

/** The medians of all rounds, and of their ratios. */
export function compare<Name extends string>(seen: Rounds<Name>): Compared<Name> {
  const all = (name: Name, figure: string): number[] =>
    seen[name].map((figures) => figures[figure] ?? Number.NaN)
  return {
    of: (name, figure) => median(all(name, figure)),
    ratio: (figure, ours, other) => {
      const others = all(other, figure)
      return median(all(ours, figure).map((value, round) => value / (others[round] ?? Number.NaN)))
    },
  }
}
