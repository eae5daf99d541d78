import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Counts } from './count-reporter.ts'
import { checkout, runCommand } from './run-command.ts'
import type { Tally } from './tally.ts'
import { describeSlowest, parseSeconds, rememberSeconds } from './test-seconds.ts'

/** What stands in the titles of tests that take long and are run when they are asked for. */
const LEFT_OUT = 'SLOW=1'

/**
 * Runs a command that ends in mocha, shows what it prints, and adds its counts to the tally. With CI=true a skipped test
 * is a failure, but for those that are left out because they take long: there, what a test needs must be present.
 */
export async function runMocha(tally: Tally, name: string, command: readonly string[]): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-counts-'))
  const file = path.join(folder, 'counts.json')
  const reporter = path.join(checkout, 'scripts/checks/count-reporter.ts')
  try {
    const noted = path.join(folder, 'seconds')
    const { succeeded } = await runCommand(
      [...command, '--reporter', reporter, '--reporter-option', `file=${file}`],
      { show: true, env: { TEST_SECONDS_FILE: noted } },
    )
    const seconds = parseSeconds(await readFile(noted, 'utf8').catch(() => ''), checkout)
    for (const line of describeSlowest(seconds)) console.log(line)
    if (Object.keys(seconds).length > 0) await rememberSeconds(seconds)
    const counts = await readCounts(file)
    tally.passed += counts?.passes ?? 0
    tally.failed.push(...(counts?.failures ?? []))
    for (const title of counts?.pending ?? []) {
      if (process.env['CI'] !== 'true' || title.includes(LEFT_OUT)) tally.skipped.push(title)
      else tally.failed.push(`${title} (skipped in CI)`)
    }
    if (!succeeded && !counts?.failures.length) tally.failed.push(`${name}: ended before its last test`)
    else if (!counts) tally.failed.push(`${name}: no test was run`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function readCounts(file: string): Promise<Counts | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Counts
  } catch {
    return undefined
  }
}
