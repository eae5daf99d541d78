import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { shellCommand } from '../../client/index.ts'

const ARCHIVE = { path: '/models/shop.tar.gz', digest: 'a'.repeat(64), release: null, etag: null }

describe('a command that tries an archive', () => {
  it('was not run, which is none of the disk, where the system starts no program with such an environment', async () => {
    const { signal } = new AbortController()
    // Linux takes 128 KiB for one variable (execve(2)); the error is thrown at once.
    const tooLarge = await shellCommand('true', { LARGE: 'x'.repeat(300_000) })(ARCHIVE, signal)
    expect(tooLarge.kind).to.equal('not-run')
    expect(tooLarge).to.have.property('reason').that.includes('--on-change').and.includes('E2BIG')
  })

  it('is tried again later where no more files can be opened now, as a program that starts has to', async () => {
    const program = `
      import { openSync } from 'node:fs'
      import { shellCommand } from ${JSON.stringify(import.meta.resolve('../../client/index.ts'))}
      try { for (;;) openSync('/dev/null') } catch {}
      const archive = ${JSON.stringify(ARCHIVE)}
      console.log(JSON.stringify(await shellCommand('true', {})(archive, new AbortController().signal)))`
    const node = [process.execPath, '--input-type=module', '--eval', program]
    const run = promisify(execFile)
    const { stdout } = await run('/bin/sh', ['-c', 'ulimit -n 256; exec "$@"', 'sh', ...node])
    expect(JSON.parse(stdout)).to.have.property('kind', 'postponed')
    expect(stdout).to.include('EMFILE')
  })

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
