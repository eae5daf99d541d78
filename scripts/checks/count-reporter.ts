import { writeFileSync } from 'node:fs'
import Mocha from 'mocha'

/** What {@link CountReporter} leaves in the file that its option `file` names. */
export interface Counts {
  passes: number
  /** Full titles. */
  failures: string[]
  /** Full titles; test/support/skip-test.ts puts the reason into them. */
  pending: string[]
}

/** Mocha's list of dots and failures, and beside it a file with the counts that scripts/test adds up. */
export default class CountReporter extends Mocha.reporters.Dot {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options)
    const counts: Counts = { passes: 0, failures: [], pending: [] }
    runner.on('pass', () => (counts.passes += 1))
    runner.on('fail', (test) => counts.failures.push(test.fullTitle()))
    runner.on('pending', (test) => counts.pending.push(test.fullTitle()))
    const { file } = options.reporterOptions as { file: string }
    runner.once('end', () => {
      writeFileSync(file, JSON.stringify(counts))
    })
  }
}
