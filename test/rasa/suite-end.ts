import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { removeFolderAtExit } from './end-with-us.ts'

const endings: (() => unknown)[] = []

/**
 * Has `work` done when the suite ends, last registered first. A bot takes half a minute to start, so it serves all tests
 * of its suite and not, like everything else, only one.
 */
export function atSuiteEnd(work: () => unknown): void {
  endings.push(work)
}

/** For a suite's `after`: does what {@link atSuiteEnd} registered. */
export async function endSuite(): Promise<void> {
  for (const work of endings.splice(0).reverse()) await work()
}

/** Makes an empty folder that is removed when the suite ends. */
export async function suiteFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-rasa-'))
  const forget = removeFolderAtExit(folder)
  atSuiteEnd(async () => {
    await rm(folder, { recursive: true, force: true })
    forget()
  })
  return folder
}
