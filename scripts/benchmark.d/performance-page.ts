import { cpus, release, totalmem } from 'node:os'
import { isReached, type Effort, type Goal, type Measurement, type Report } from './measurement.ts'
import { readable, table } from './table.ts'

/** A measurement with what came out. */
export interface Measured {
  measurement: Measurement
  report: Report
}

/** One measurement as a section of Markdown. */
export function section({ measurement, report }: Measured): string {
  const parts = [`## ${measurement.title}`, measurement.method, table(report.columns, report.rows)]
  if (report.goals.length > 0) parts.push(goalTable(report.goals))
  return parts.join('\n\n')
}

/** The whole of docs/performance.md. */
export function performancePage(measured: readonly Measured[], { rounds, seconds }: Effort): string {
  const processor = cpus()
  return `${[
    '# Performance',
    `Measured by \`scripts/benchmark --write\` on ${new Date().toISOString().slice(0, 10)}: ${processor.length} CPUs ` +
      `(${processor[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 1e9)} GB of memory, Linux ${release()}, ` +
      `Node ${process.versions.node}. Everything runs on this one machine and shares it with the program that makes the load.`,
    `What is compared takes turns, in ${rounds} rounds of ${seconds} s each. A figure is the median over the rounds; a ratio is ` +
      'the median of the ratios within each round. CPU time (user and system, from `/proc`) stands beside every rate: other work ' +
      'on the machine disturbs it less, so it decides where the two disagree. “Slipway ÷ it” above 1 means that Slipway does ' +
      'more in the same time. RSS is the most memory held.',
    ...measured.map(section),
  ].join('\n\n')}\n`
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
