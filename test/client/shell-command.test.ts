import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { shellCommand } from '../../client/index.ts'

const ARCHIVE = { path: '/models/shop.tar.gz', digest: 'a'.repeat(64), release: null, etag: null }

describe('a command that tries an archive', () => {
  it('leaves no timer behind where it was ended for taking too long and then by a signal', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
    // The test's own time limit begins when its first part has ended.
    await nextTurn()
    const before = timers()
    const interrupted = new AbortController()
    const limits = { longestRun: 50, grace: 60_000 }
    const onChange = shellCommand("trap '' TERM; sleep 0.5", process.env, limits)
    setTimeout(() => {
      interrupted.abort(new Error('interrupted'))
    }, 200)
    const failure = await onChange(ARCHIVE, interrupted.signal).catch((error: unknown) => error)
    expect(failure).to.have.property('message', 'interrupted')
    // The one that would kill whatever has the number of the ended process by then.
    expect(timers()).to.equal(before)
  })
})
