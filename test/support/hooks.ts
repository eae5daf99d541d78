import type { RootHookObject } from 'mocha'
import { runCleanUp } from './temporary-directory.ts'

export const mochaHooks: RootHookObject = {
  async afterEach(this: Mocha.Context) {
    // Servers and programs end here, however busy the machine is; what is left running keeps mocha from ending.
    this.timeout(60_000)
    await runCleanUp()
  },
}
