import { expect } from 'chai'
import { ApiClient } from '../../client/api/api-client.ts'
import { readHoldUp } from '../../client/api/read-hold-up.ts'
import type { RolloutSummary } from '../../protocol/rollout.ts'
import { lyingServer } from '../support/lying-server.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const MESSAGE = 'The volume of DATA_DIR is full.'

/** What is said of a rollout with two steps, by a server that has such warnings. */
async function holdUpOf(state: RolloutSummary['state'], step: number, code = 'changes-refused') {
  const body = JSON.stringify({ warnings: [{ code, message: MESSAGE }] })
  const { origin } = await lyingServer((_request, response) => response.end(body))
  const { signal } = new AbortController()
  const client = new ApiClient({ url: new URL(`${origin}/`), token: undefined, signal })
  afterThisTest(() => client.close())
  const steps = [{}, {}] as RolloutSummary['steps']
  return readHoldUp(client, { state, step, steps })
}

describe('why a rollout does not go on', () => {
  it('is that the disk is full, where it has a step to come', async () => {
    expect(await holdUpOf('running', 0)).to.equal(MESSAGE)
    expect(await holdUpOf('running', 0, 'disk-filling')).to.equal(undefined)
  })

  it('is not that of the last step, as of a rollback, nor of what goes back: these go on', async () => {
    expect(await holdUpOf('running', 1)).to.equal(undefined)
    expect(await holdUpOf('reverting', 0)).to.equal(undefined)
    expect(await holdUpOf('paused', 0)).to.equal(undefined)
  })
})
