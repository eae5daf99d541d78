import type { RootHookObject } from 'mocha'
import { runCleanUp } from './temporary-directory.ts'

export const mochaHooks: RootHookObject = {
  async afterEach() {
    await runCleanUp()
  },
}
