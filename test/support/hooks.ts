import { appendFileSync } from 'node:fs'
import type { RootHookObject } from 'mocha'
import { processorSeconds } from '../../scripts/checks/processor-seconds.ts'
import { ensureDashboard } from '../../scripts/dashboard.d/ensure-dashboard.ts'
import { beginRun, endRun } from './run-folder.ts'
import { forgetSecrets, refuseSecretsInKept } from './secrets-in-output.ts'
import { runCleanUp } from './temporary-directory.ts'

/** When this process began with its file of tests: `performance.now()`, and its processor time until then. */
let begunAt = 0
let spentBefore = 0

export const mochaHooks: RootHookObject = {
  beforeAll() {
    begunAt = performance.now()
    spentBefore = processorSeconds()
  },

  async afterEach(this: Mocha.Context) {
    // Servers and programs end here, however busy the machine is; what is left running keeps mocha from ending.
    this.timeout(60_000)
    try {
      await runCleanUp()
      refuseSecretsInKept()
    } catch (error) {
      throw Object.assign(error as Error, { testFile: this.currentTest?.file })
    } finally {
      forgetSecrets()
    }
  },

  /** In parallel, each file has root hooks of its own: scripts/test learns what it took, hooks included. */
  afterAll(this: Mocha.Context) {
    const { TEST_COSTS_FILE: file, MOCHA_WORKER_ID: worker } = process.env
    const tests = this.test?.parent?.suites[0]?.file
    if (file === undefined || worker === undefined || tests === undefined) return
    const seconds = (performance.now() - begunAt) / 1000
    appendFileSync(
      file,
      `${tests}\t${seconds.toFixed(2)}\t${(processorSeconds() - spentBefore).toFixed(2)}\n`,
    )
  },
}

/** Once for all files of tests, whichever processes they run in. Servers show the dashboard that is built. */
export async function mochaGlobalSetup(): Promise<void> {
  await ensureDashboard()
  beginRun()
}
export const mochaGlobalTeardown = endRun
