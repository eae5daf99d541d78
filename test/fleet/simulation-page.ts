import { ENDINGS, histories, type Confusion, type Ending } from './simulator/confusion.ts'
import { FAULTS, GROUP_FAULTS } from './simulator/faults.ts'
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
\`done, said loudly\` is a rollout that ended and names the bots that were left alone.

Where several servers answer, they are those that ship, over a real Postgres and in virtual time as well: the database has a \`clock_timestamp()\` of its own that shows it, so that leases end and
servers agree on the time as in reality, while their own clocks are an hour apart. Any of them answers a poll. In four of five histories one at a time restarts (half of the times without a word),
is cut off from the database for up to two minutes, has every other of its transactions fail at its end for as long, or sleeps for up to one, longer than its lease of 15 s, and then goes on with what it had begun and with polls of bots that no longer wait. In half of the histories what comes within
200 ms comes at once, so that transactions meet. What servers do every second or five (look at the database, renew the lease, save when bots were heard) is done when virtual time says so, and left out where it
could find nothing; \`LISTEN\` works in real time, and transfers take virtual time alone: nobody is given up for being slow by the machine's clock. How transactions meet does not come from the seed. The promises are those of one server, over all of them together; besides, each server says of each bot what it runs and when it polled last twelve seconds after it did,
and at the end all say the same of the rollout and its tag. What a server does to which the database does not answer (a bot that starts gets what it knows) is no broken promise: such a bot is told by the rows, in which its offer does not
stand, and counts for \`maxUpdating\` as soon as it does. Where the servers know different things of a bot for a moment, what counts is what the one knows that answered. What is not simulated: a COMMIT whose answer is lost, and
clocks that go at different speeds.

A lock of the model left out, and a rollout that is not read anew before an offer, were each tried once: the simulator found the first in two of three histories of eight bots with \`maxUpdating\` 1, and the second in four of four ("2 bots load at once where 1 may").`

/** What came of one simulation, as a section of Markdown. */
export function simulationSection(played: PlayedSimulation): string {
  const { title, seed, date, confusion, byFault } = played
  const faults = [...FAULTS, ...GROUP_FAULTS].filter((fault) => byFault[fault] !== undefined)
  return [
    `## ${title}`,
    `*${date}: ${number(played.histories)} histories, seed ${seed}.* ${verdict(played)}`,
    matrix('promoted', Object.keys(confusion).toSorted(), confusion),
    'Good releases by the faults that were there (a history with several counts for each):',
    matrix('fault', faults, byFault),
  ].join('\n\n')
}

const UNRECORDED =
  'a bot that started was given what a server knew to which the database did not answer, and could not be counted at once.'

function verdict({ confusion, unrecorded, violated, violations }: PlayedSimulation): string {
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
    `${share(sum(bad, ['reverted', 'paused', 'done, said loudly']))} were taken back, stopped, or named with the bots that were left alone; ${number(sum(bad, ['done']))} passed unnoticed.`,
    ...(unrecorded === 0
      ? []
      : [`${number(unrecorded)} ${unrecorded === 1 ? 'time' : 'times'} ${UNRECORDED}`]),
    promises,
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
