import { existsSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { bundlePrograms } from './bundle-programs.ts'
import { changedFiles, testsOf } from './changed-files.ts'
import { runMocha } from './mocha-tests.ts'
import { processorSeconds } from './processor-seconds.ts'
import { checkout, runCommand } from './run-command.ts'
import { runChecksOf, runStaticChecks } from './static-checks.ts'
import { describeTally, type Tally } from './tally.ts'
import { longestFirst, rememberedCosts } from './test-costs.ts'

const usage = `scripts/test [PATH…] [-g TEXT] [--changed] [--long]

Runs the checks (format, lint, types, import rule, unused code, licences, known vulnerabilities) and all tests. The last line counts them, each check as
one; what was skipped or failed is named above it. Exit code 1 where anything failed. A test that fails among all has a
second attempt by itself, and is named if it passes then; a counterexample to a rule has none.

  PATH…      only the tests in these files or globs, and no checks
  -g TEXT    only tests whose name matches this regular expression, and no checks
  --changed  checks and tests only what differs from main: format and lint of the changed files, types and
             imports of all, the changed tests and those of changed source files
  --long     what is long by nature (loops of kills, simulations, fuzzing, the same over each cloud) in its long
             form, and lint of every file; without, the end of the output names what was shortened

  RASA=1     also runs scripts/test-rasa, the tests with a real Rasa (2.5 GB, minutes)
  CI=true    as --long, and a skipped test is a failure
`

/** Those with a real Rasa are run by scripts/test-rasa. */
const RASA = 'test/rasa/**'
/** Many tests wait for a fact: two files more than there are processors keep these busy. */
const JOBS = availableParallelism() + 2
const mocha = ['mocha', '--parallel', '--jobs', `${JOBS}`, '--forbid-only']

/** A failed test has a second attempt with the machine to itself. */
const ONE_BY_ONE = ['mocha', '--exit', '--forbid-only']

const tally: Tally = { passed: 0, failed: [], skipped: [], unsteady: [], shortForms: [] }
const { values, positionals } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    grep: { type: 'string', short: 'g' },
    changed: { type: 'boolean' },
    long: { type: 'boolean' },
  },
  allowPositionals: true,
})

const long = (values.long ?? false) || process.env['CI'] === 'true'
if (long) process.env['LONG'] = '1'

if (values.help) console.log(usage)
else {
  if (values.changed) await runChanged()
  else if (positionals.length > 0 || values.grep !== undefined) await runTests(positionals, values.grep)
  else await runEverything()
  const [seconds, spent] = [performance.now() / 1000, processorSeconds()].map(Math.round)
  console.log(`took ${seconds} s, and ${spent} s of the processors`)
  console.log(describeTally(tally))
  if (tally.failed.length > 0) process.exitCode = 1
}

/** Static checks run where tests leave the processors idle: most tests wait for something now and then. */
async function runEverything(): Promise<void> {
  const checks = runStaticChecks(tally, { long })
  await installServices()
  if (!long) {
    process.env['TEST_PROGRAMS'] = await bundlePrograms()
    tally.shortForms.push('programs that tests start: bundled, not from their sources')
  }
  await runMocha(tally, 'tests', [...mocha, ...(await allTests())], { repeat: ONE_BY_ONE })
  await checks
  if (process.env['RASA'] === '1') await runMocha(tally, 'scripts/test-rasa', ['scripts/test-rasa'])
  else tally.skipped.push('scripts/test-rasa, the tests with a real Rasa: set RASA=1 to run them')
}

/** Every file of tests, those that took longest last time first. */
async function allTests(): Promise<string[]> {
  const found = glob('test/**/*.test.ts', { cwd: checkout, exclude: [RASA] })
  const files: string[] = []
  for await (const file of found) files.push(file)
  return longestFirst(files, await rememberedCosts())
}

async function runTests(paths: readonly string[], grep: string | undefined): Promise<void> {
  await installServices()
  const files = paths.map((name) => path.relative(checkout, path.resolve(name)))
  const named = grep === undefined ? [] : ['--grep', grep]
  await runMocha(tally, 'tests', [...mocha, ...named, ...(files.length > 0 ? files : await allTests())])
}

async function runChanged(): Promise<void> {
  const files = await changedFiles()
  await runChecksOf(tally, files)
  const tests = testsOf(files, (file) => existsSync(path.join(checkout, file)))
  if (tests.length > 0) await runTests(tests, undefined)
}

/** Servers that tests start: built once, kept in a cache. It says what it could not install; so do the tests. */
async function installServices(): Promise<void> {
  await runCommand(['scripts/services'], { show: true })
}
