import { runCommand } from './run-command.ts'
import type { Tally } from './tally.ts'

/** What is checked without running the project, by its name in package.json; slowest first, so that two at a time end together. */
const staticChecks = [
  ...['lint', 'types', 'check-format', 'imports', 'unused'],
  ...['vulnerabilities', 'licences'],
]

/** Runs them two at a time, shows the output of those that fail, and counts each as one. */
export async function runStaticChecks(tally: Tally): Promise<void> {
  await runChecks(
    tally,
    staticChecks.map((name) => ({ name, command: ['npm', 'run', '--silent', name] })),
  )
}

/** As {@link runStaticChecks}, of some files as far as a check can be: types and imports are checked as a whole. */
export async function runChecksOf(tally: Tally, files: readonly string[]): Promise<void> {
  const linted = files.filter((file) => /\.(ts|js|mjs|cjs)$/.test(file))
  await runChecks(tally, [
    ...(linted.length > 0
      ? [{ name: 'lint', command: ['eslint', '--max-warnings=0', '--no-warn-ignored', ...linted] }]
      : []),
    { name: 'types', command: ['npm', 'run', '--silent', 'types'] },
    ...(files.length > 0
      ? [
          {
            name: 'check-format',
            command: ['prettier', '--check', '--log-level=warn', '--ignore-unknown', ...files],
          },
        ]
      : []),
    { name: 'imports', command: ['npm', 'run', '--silent', 'imports'] },
  ])
}

async function runChecks(
  tally: Tally,
  checks: readonly { name: string; command: readonly string[] }[],
): Promise<void> {
  const waiting = [...checks]
  const work = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const { name, command } = check
      const { succeeded, output, seconds } = await runCommand(command)
      console.log(`${succeeded ? 'passed' : 'FAILED'}: ${name}, ${seconds.toFixed(1)} s`)
      if (succeeded) tally.passed += 1
      else {
        tally.failed.push(name)
        console.log(output)
      }
    }
  }
  await Promise.all([work(), work()])
}
