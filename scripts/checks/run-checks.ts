import path from 'node:path'
import { parseArgs } from 'node:util'
import { runMocha } from './mocha-tests.ts'
import { checkout, runCommand } from './run-command.ts'
import { runStaticChecks } from './static-checks.ts'
import { describeTally, type Tally } from './tally.ts'

const usage = `scripts/test [PATH…]

Runs the checks (format, lint, types, import rule, unused code, licences, known vulnerabilities) and all tests. The last line counts them, each check as
one; what was skipped or failed is named above it. Exit code 1 where anything failed.

  PATH…      only the tests in these files or globs, and no checks

  RASA=1     also runs scripts/test-rasa, the tests with a real Rasa (2.5 GB, minutes)
  CI=true    a skipped test is a failure
`

const tally: Tally = { passed: 0, failed: [], skipped: [] }
const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' } },
  allowPositionals: true,
})

if (values.help) console.log(usage)
else {
  await runEverything(positionals)
  console.log(describeTally(tally))
  if (tally.failed.length > 0) process.exitCode = 1
}

async function runEverything(paths: string[]): Promise<void> {
  const mocha = ['mocha', '--parallel', '--jobs', '2', '--forbid-only']
  if (paths.length > 0) {
    await installServices()
    await runMocha(tally, 'tests', [
      ...mocha,
      ...paths.map((name) => path.relative(checkout, path.resolve(name))),
    ])
    return
  }
  await Promise.all([runStaticChecks(tally), installServices()])
  await runMocha(tally, 'tests', [...mocha, 'test/**/*.test.ts'])
  if (process.env['RASA'] === '1') await runMocha(tally, 'scripts/test-rasa', ['scripts/test-rasa'])
  else tally.skipped.push('scripts/test-rasa, the tests with a real Rasa: set RASA=1 to run them')
}

/** Servers that tests start: built once, kept in a cache. It says what it could not install; so do the tests. */
async function installServices(): Promise<void> {
  await runCommand(['scripts/services'], { show: true })
}
