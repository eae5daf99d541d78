import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Makes an empty folder that is removed after the current test. */
export async function temporaryDirectory(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-test-'))
  // Some tests end while a file is still being put there: what was not empty then is tried again.
  cleanUp.push(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 }))
  return folder
}

type CleanUp = (() => unknown)[]

const afterTest: CleanUp = []
let cleanUp = afterTest

/**
 * Has `work` done after the current test, last registered first, whether it passes or fails; after the suite, where it is said while
 * {@link onceForSuite} makes something.
 */
export function afterThisTest(work: () => unknown): void {
  cleanUp.push(work)
}

/**
 * For what is too dear to make for each test: makes it once, before the tests of the suite that this is called in, and has it cleaned up
 * after them.
 *
 * @param make May use all that a test may.
 * @returns What gives it, to the tests.
 */
export function onceForSuite<Value>(make: (context: Mocha.Context) => Promise<Value>): () => Value {
  const afterSuite: CleanUp = []
  let made: { value: Value } | undefined
  before(async function () {
    this.timeout(180_000)
    cleanUp = afterSuite
    try {
      made = { value: await make(this) }
    } finally {
      cleanUp = afterTest
    }
  })
  after(async function () {
    this.timeout(60_000)
    await doAll(afterSuite)
  })
  return () => {
    if (made === undefined) throw new Error('It was not made')
    return made.value
  }
}

/** Does what {@link afterThisTest} registered, all of it also where some fails; called by the root hook. */
export async function runCleanUp(): Promise<void> {
  await doAll(afterTest)
}

async function doAll(cleanUp: CleanUp): Promise<void> {
  const failures: unknown[] = []
  for (const work of cleanUp.splice(0).reverse()) {
    try {
      await work()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
