import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { shellCommand } from '../../client/index.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

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
    const told = path.join(await temporaryDirectory(), 'told')
    // The first SIGTERM is written down, the second ends it. A shell takes milliseconds until it minds its trap.
    const command = 'trap \'[ -e "$TOLD" ] && exit 0; : > "$TOLD"\' TERM; while :; do sleep 0.05; done'
    const limits = { longestRun: 1_000, grace: 60_000 }
    const onChange = shellCommand(command, { ...process.env, TOLD: told }, limits)
    const ended = onChange(ARCHIVE, interrupted.signal).catch((error: unknown) => error)
    await eventually('it is told to end', () => existsSync(told))
    interrupted.abort(new Error('interrupted'))
    expect(await ended).to.have.property('message', 'interrupted')
    // The one that would kill whatever has the number of the ended process by then.
    expect(timers()).to.equal(before)
  })
})
