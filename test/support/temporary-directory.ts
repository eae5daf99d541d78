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

const cleanUp: (() => unknown)[] = []

/** Has `work` done after the current test, last registered first, whether it passes or fails. */
export function afterThisTest(work: () => unknown): void {
  cleanUp.push(work)
}

/** Does what {@link afterThisTest} registered, all of it also where some fails; called by the root hook. */
export async function runCleanUp(): Promise<void> {
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
