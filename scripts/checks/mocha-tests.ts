import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { keptFolder } from './cache-folder.ts'
import type { Counts, NamedTest } from './count-reporter.ts'
import { checkout, runCommand } from './run-command.ts'
import { filesToRepeat, mergeAttempts } from './second-attempt.ts'
import type { Tally } from './tally.ts'
import { describeDearest, parseCosts, rememberCosts } from './test-costs.ts'

/** What stands in the titles of tests that take long and are run when they are asked for. */
const LEFT_OUT = 'SLOW=1'
/** What test/support/long-form.ts puts into the titles of tests that have no short form. */
const LONG_FORM = 'long form:'

/**
 * Runs a command that ends in mocha, shows what it prints, and adds its counts to the tally. With CI=true a skipped test
 * is a failure, but for those that are left out because they take long: there, what a test needs must be present.
 *
 * @param options.repeat The command, but for its files, of a second attempt of those in which tests failed.
 */
export async function runMocha(
  tally: Tally,
  name: string,
  command: readonly string[],
  { repeat }: { repeat?: readonly string[] } = {},
): Promise<void> {
  const { succeeded, shortForms, counts } = await attempt(command)
  tally.shortForms.push(...shortForms)
  const files = repeat && counts ? filesToRepeat(counts.failures) : []
  if (counts === undefined || repeat === undefined || files.length === 0) {
    addCounts(tally, name, counts, succeeded)
    return
  }
  console.log(`a second attempt, by themselves, of: ${files.map(relative).join(', ')}`)
  const second = await attempt([...repeat, ...files])
  const merged = second.counts ? mergeAttempts(counts, second.counts) : { ...counts, recovered: [] }
  addCounts(tally, name, merged, merged.failures.length === 0)
  for (const { title, file } of merged.recovered) tally.unsteady.push(`${title} (${relative(file)})`)
}

function addCounts(tally: Tally, name: string, counts: Counts | undefined, succeeded: boolean): void {
  tally.passed += counts?.passes.length ?? 0
  for (const { title, file, message } of counts?.failures ?? [])
    tally.failed.push(`${title} (${relative(file)}): ${message}`)
  const pending = counts?.pending ?? []
  tally.shortForms.push(...describeLeftOut(pending))
  for (const { title } of pending) {
    if (title.includes(LONG_FORM)) continue
    if (process.env['CI'] !== 'true' || title.includes(LEFT_OUT)) tally.skipped.push(title)
    else tally.failed.push(`${title} (skipped in CI)`)
  }
  if (!succeeded && !counts?.failures.length) tally.failed.push(`${name}: ended before its last test`)
  else if (!counts) tally.failed.push(`${name}: no test was run`)
}

/** The tests that are left to the long form: a line for each file. */
function describeLeftOut(pending: readonly NamedTest[]): string[] {
  const left = Map.groupBy(
    pending.filter(({ title }) => title.includes(LONG_FORM)),
    ({ file }) => file,
  )
  return [...left].map(([file, tests]) => {
    const reasons = new Set(tests.map(({ title }) => /\(long form: ([^)]*)\)/.exec(title)?.[1] ?? ''))
    const count = tests.length === 1 ? '1 test' : `${tests.length} tests`
    return `${count} of ${relative(file)}; the short form has ${[...reasons].join(', ')}`
  })
}

async function attempt(
  command: readonly string[],
): Promise<{ succeeded: boolean; shortForms: string[]; counts: Counts | undefined }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-counts-'))
  const file = path.join(folder, 'counts.json')
  const reporter = path.join(checkout, 'scripts/checks/count-reporter.ts')
  try {
    const noted = path.join(folder, 'costs')
    const shortened = path.join(folder, 'short-forms')
    const { succeeded } = await runCommand(
      [...command, '--reporter', reporter, '--reporter-option', `file=${file}`],
      // Hundreds of servers and commands are started, and half of their time went into compiling the same modules.
      {
        show: true,
        env: {
          TEST_COSTS_FILE: noted,
          TEST_SHORT_FORMS_FILE: shortened,
          NODE_COMPILE_CACHE: path.join(await keptFolder(), 'compiled'),
        },
      },
    )
    const costs = parseCosts(await readFile(noted, 'utf8').catch(() => ''), checkout)
    for (const line of describeDearest(costs)) console.log(line)
    // What some tests of a file took says nothing of the file.
    const isWhole = !command.includes('--grep')
    if (isWhole && Object.keys(costs).length > 0) await rememberCosts(costs)
    const shortForms = (await readFile(shortened, 'utf8').catch(() => '')).split('\n').filter(Boolean)
    return { succeeded, shortForms, counts: await readCounts(file) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function relative(file: string): string {
  return path.relative(checkout, file)
}

async function readCounts(file: string): Promise<Counts | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Counts
  } catch {
    return undefined
  }
}
