import type { RootHookObject } from 'mocha'
import { ensureDashboard } from '../../scripts/dashboard.d/ensure-dashboard.ts'
import { beginRun, endRun } from './run-folder.ts'
import { runCleanUp } from './temporary-directory.ts'

export const mochaHooks: RootHookObject = {
  async afterEach(this: Mocha.Context) {
    // Servers and programs end here, however busy the machine is; what is left running keeps mocha from ending.
    this.timeout(60_000)
    await runCleanUp()
  },
}

/** Once for all files of tests, whichever processes they run in. Servers show the dashboard that is built. */
export async function mochaGlobalSetup(): Promise<void> {
  await ensureDashboard()
  beginRun()
}
export const mochaGlobalTeardown = endRun
