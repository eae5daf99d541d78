import { writeFileSync } from 'node:fs'
import Mocha from 'mocha'

/** A test, or a hook that failed. */
export interface NamedTest {
  /** Its full title; test/support/skip-test.ts puts the reason for which it was skipped into it. */
  readonly title: string
  readonly file: string
}

export interface FailedTest extends NamedTest {
  /** The first line of its error. */
  readonly message: string
}

/** What {@link CountReporter} leaves in the file that its option `file` names. */
export interface Counts {
  readonly passes: readonly NamedTest[]
  readonly failures: readonly FailedTest[]
  readonly pending: readonly NamedTest[]
}

/** Mocha's list of dots and failures, and beside it a file with the counts that scripts/test adds up. */
export default class CountReporter extends Mocha.reporters.Dot {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options)
    const passes: NamedTest[] = []
    const failures: FailedTest[] = []
    const pending: NamedTest[] = []
    runner.on('pass', (test) => passes.push(nameOf(test)))
    runner.on('fail', (test, error: FailedCleanUp) => {
      const { title, file } = nameOf(test)
      failures.push({ title, file: error.testFile ?? file, message: firstLine(error) })
    })
    runner.on('pending', (test) => pending.push(nameOf(test)))
    const { file } = options.reporterOptions as { file: string }
    runner.once('end', () => {
      writeFileSync(file, JSON.stringify({ passes, failures, pending } satisfies Counts))
    })
  }
}

/** test/support/hooks.ts says the file of the test: the hook that all files have in common belongs to none. */
interface FailedCleanUp extends Error {
  testFile?: string
}

function nameOf(test: Mocha.Test | Mocha.Hook): NamedTest {
  return { title: test.fullTitle(), file: test.file ?? '' }
}

function firstLine({ message }: Error): string {
  return message.split('\n', 1)[0] ?? ''
}
