import { cpus, release, totalmem } from 'node:os'
import { isReached, type Effort, type Goal, type Measurement, type Report } from './measurement.ts'
import { readable, table } from './table.ts'

/** A measurement with what came out. */
export interface Measured {
  measurement: Measurement
  report: Report
}

/** The section that people write: no measurement knows why a goal was missed. */
const WRITTEN_BY_HAND = 'Goals that are missed, and why'

/** One measurement as a section of Markdown. */
export function section({ measurement, report }: Measured): string {
  const parts = [`## ${measurement.title}`, measurement.method, table(report.columns, report.rows)]
  if (report.goals.length > 0) parts.push(goalTable(report.goals))
  return parts.join('\n\n')
}

/**
 * The whole of docs/performance.md: one section as it was measured now, and the others of `earlier`, the page as it was.
 * The order is that of `titles`, all there are; what is written by hand comes last, and stays.
 */
export function performancePage(
  measured: Measured,
  { earlier, titles, effort }: { earlier: string; titles: readonly string[]; effort: Effort },
): string {
  const sections = new Map(sectionsOf(earlier))
  sections.set(
    measured.measurement.title,
    `${section(measured)}\n\n${circumstances(effort, measured.report)}`,
  )
  const kept = [...titles, WRITTEN_BY_HAND].flatMap((title) => sections.get(title) ?? [])
  return `${[introduction, ...kept].join('\n\n')}\n`
}

const introduction = `# Performance

Measured by \`scripts/benchmark --write\`, which starts everything on one machine; the program that makes the load shares it.

What is compared takes turns, in several rounds. A figure is the median over the rounds; a ratio is the median of the ratios
within each round. CPU time (user and system, from \`/proc\`) stands beside every rate: other work on the machine disturbs it
less, so where it is given for a goal, it decides. “Slipway ÷ it” above 1 means that Slipway does more in the same time. RSS
is the most memory held.`

function sectionsOf(page: string): [title: string, text: string][] {
  return page
    .split(/^(?=## )/m)
    .slice(1)
    .map((text) => [/^## (.*)/.exec(text)?.[1] ?? '', text.trim()])
}

function circumstances({ rounds, seconds }: Effort, { loads }: Report): string {
  const processors = cpus()
  return (
    `*${new Date().toISOString().slice(0, 10)}: ${loads ?? `${rounds} rounds of ${seconds} s`}; ${processors.length} CPUs ` +
    `(${processors[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 1e9)} GB of memory, Linux ${release()}, ` +
    `Node ${process.versions.node}.*`
  )
}

function goalTable(goals: readonly Goal[]): string {
  return table(
    ['goal', 'wanted', 'measured', 'in CPU time', 'reached'],
    goals.map((goal) => [
      goal.what,
      `${goal.atMost === true ? '≤' : '≥'} ${goal.wanted}`,
      readable(goal.figure),
      goal.inCpuTime === undefined ? '–' : readable(goal.inCpuTime),
      isReached(goal) ? 'yes' : 'no',
    ]),
  )
}
