import { runCommand } from './run-command.ts'
import type { Tally } from './tally.ts'

/** What is checked without running the project; slowest first, so that two at a time end together. */
const staticChecks: Record<string, readonly string[]> = {
  'lint and file lengths (eslint)': ['eslint', '.', '--max-warnings=0'],
  'types (tsc)': ['tsc', '--project', '.'],
  'format (prettier)': ['prettier', '--check', '--log-level=warn', '.'],
  'import rule (depcruise)': ['depcruise', '--config', '.dependency-cruiser.cjs', ...codeFolders()],
  'unused code (knip)': ['knip', '--no-progress'],
}

/** Runs them two at a time, shows the output of those that fail, and counts each as one. */
export async function runStaticChecks(tally: Tally): Promise<void> {
  const waiting = Object.entries(staticChecks)
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, command] = next
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

function codeFolders(): string[] {
  return ['protocol', 'storage', 'archives', 'server', 'client', 'scripts', 'test']
}
