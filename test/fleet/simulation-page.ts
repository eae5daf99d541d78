import { ENDINGS, histories, type Confusion, type Ending } from './simulator/confusion.ts'
import { FAULTS } from './simulator/faults.ts'
import type { SimulationResult } from './simulator/simulation.ts'

/** What was played: which server, with which seed, when. */
export interface PlayedSimulation extends SimulationResult {
  title: string
  seed: number
  /** The date, as `2026-11-26`. */
  date: string
}

/** docs/fleet-simulation.md: the sections of what was played now, and of what `earlier` has besides. */
export function simulationPage(played: PlayedSimulation, earlier: string): string {
  const kept = earlier
    .split(/^(?=## )/m)
    .slice(1)
    .filter((section) => !section.startsWith(`## ${played.title}\n`))
    .map((section) => section.trim())
  return `${[INTRODUCTION, ...[...kept, simulationSection(played)].toSorted()].join('\n\n')}\n`
}

const INTRODUCTION = `# The simulated fleet

Written by \`scripts/simulate-fleet --write\`. Each history is a fleet of 1 to 10 bots (2 to 10 for bad releases) of one or two processes each, in virtual time: they
run a good release, another one is promoted by a policy drawn at random (steps, soak, \`maxUpdating\`, drain), and what follows is played until
the rollout has ended or waits for a person. Faults are none of the release's doing: one to three of twenty in each history. Everything that is
drawn comes from the seed. A proxy that buffers archives lets one in ten not through, once for each bot: more of them cannot be told from failed loads,
unless they are asked for again at once ([hints](rollouts.md#hints)). A bot of which one worker
crashes while another one loads keeps its place as long as the silent one may still load, as nobody can tell which of them began anew.

After each step it is checked that no more bots load at once than \`maxUpdating\` allows, that nobody is offered what is not meant for it or was taken back, that no
more bots are touched than the step has, and that each bot is said to run what it runs; at the end, that the rollout has ended or waits for a person.

Releases: \`good\` ones load; \`broken\` ones fail to load; \`crashing\` ones end the process; \`hanging\` ones leave it silent for good.
\`done, said loudly\` is a rollout that ended and names the bots that were left alone.`

/** What came of one simulation, as a section of Markdown. */
export function simulationSection(played: PlayedSimulation): string {
  const { title, seed, date, confusion, byFault } = played
  const faults = FAULTS.filter((fault) => byFault[fault] !== undefined)
  return [
    `## ${title}`,
    `*${date}: ${number(played.histories)} histories, seed ${seed}.* ${verdict(played)}`,
    matrix('promoted', Object.keys(confusion).toSorted(), confusion),
    'Good releases by the faults that were there (a history with several counts for each):',
    matrix('fault', faults, byFault),
  ].join('\n\n')
}

function verdict({ confusion, violated, violations }: PlayedSimulation): string {
  const rows = Object.entries(confusion)
  const good = rows.filter(([row]) => row.startsWith('good')).map(([, counts]) => counts)
  const bad = rows.filter(([row]) => !row.startsWith('good')).map(([, counts]) => counts)
  const sum = (all: Confusion[string][], endings?: readonly Ending[]): number =>
    all.reduce((total, counts) => total + histories(counts, endings), 0)
  const share = (of: number): string => `${((100 * of) / sum(bad)).toFixed(2)} %`
  const promises =
    violated === 0
      ? 'No promise was broken.'
      : `**In ${number(violated)} ${violated === 1 ? 'history' : 'histories'} a promise was broken**, such as:\n\n${violations.map((line) => `- ${line}`).join('\n')}`
  return [
    `Of ${number(sum(good))} good releases ${number(sum(good, ['reverted']))} were taken back.`,
    `Of ${number(sum(bad))} bad ones ${share(sum(bad, ['reverted']))} were taken back by themselves, ${share(sum(bad, ['reverted', 'paused']))} were taken back or stopped for a person, and`,
    `${share(sum(bad, ['reverted', 'paused', 'done, said loudly']))} were taken back, stopped, or named with the bots that were left alone; ${number(sum(bad, ['done']))} passed unnoticed. ${promises}`,
  ].join(' ')
}

function matrix(head: string, rows: readonly string[], confusion: Confusion): string {
  const endings = ENDINGS.filter((ending) => rows.some((row) => confusion[row]?.[ending] !== undefined))
  const cells = [
    [head, ...endings],
    ...rows.map((row) => [row, ...endings.map((ending) => number(confusion[row]?.[ending] ?? 0))]),
  ]
  const widths = [head, ...endings].map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0), 3),
  )
  const lines = cells.map(
    (line) =>
      `| ${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`,
  )
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [lines[0], rule, ...lines.slice(1)].join('\n')
}

function number(value: number): string {
  return value.toLocaleString('en')
}
