import { runCommand } from './run-command.ts'
import type { Tally } from './tally.ts'

/** What is checked without running the project, by its name in package.json; slowest first, so that two at a time end together. */
const staticChecks = [
  ...['lint', 'types', 'check-format', 'imports', 'unused'],
  ...['vulnerabilities', 'licences'],
]

/** Runs them two at a time, shows the output of those that fail, and counts each as one. */
export async function runStaticChecks(tally: Tally): Promise<void> {
  const waiting = [...staticChecks]
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const { succeeded, output, seconds } = await runCommand(['npm', 'run', '--silent', name])
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
