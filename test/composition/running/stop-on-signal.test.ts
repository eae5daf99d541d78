import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { afterThisTest, temporaryDirectory } from '../../support/temporary-directory.ts'

const PROGRAM = path.join(import.meta.dirname, 'stopping-program.ts')

async function start(...words: string[]): Promise<{ child: ChildProcess; output: () => string }> {
  const child = spawn(process.execPath, [PROGRAM, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  afterThisTest(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  await once(child.stdout, 'data')
  return { child, output: () => output }
}

/** How it ended; fails where it does not end. */
async function outcomeOf(child: ChildProcess): Promise<number | string> {
  const [code, signal] = (await once(child, 'close', { signal: AbortSignal.timeout(15_000) })) as [
    number | null,
    string | null,
  ]
  return signal ?? code ?? 'nothing'
}

describe('stopOnSignal', () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const) {
    it(`ends with 0 on ${signal}`, async () => {
      const { child } = await start('well')
      child.kill(signal)
      expect(await outcomeOf(child)).to.equal(0)
    })
  }

  it('ends with 1 where stopping fails, and says why', async () => {
    const { child, output } = await start('rejects')
    child.kill('SIGTERM')
    expect(await outcomeOf(child)).to.equal(1)
    expect(output()).to.include('failed: It cannot be stopped')
  })

  it('ends with 1 at the deadline where stopping does not come to an end', async () => {
    const { child, output } = await start('nothing-ends')
    child.kill('SIGTERM')
    expect(await outcomeOf(child)).to.equal(1)
    expect(output()).to.include('longer than 300 ms')
  })

  it('ends with 1 at once on a second signal', async () => {
    const { child, output } = await start('nothing-ends')
    child.kill('SIGINT')
    child.kill('SIGTERM')
    expect(await outcomeOf(child)).to.equal(1)
    expect(output()).to.not.include('longer')
  })

  for (const way of ['exit-listener', 'event-loop']) {
    it(`is killed where its only thread never comes back (${way})`, async () => {
      const { child } = await start(way)
      child.kill('SIGTERM')
      expect(await outcomeOf(child)).to.equal('SIGKILL')
    })
  }

  it('is killed where a file that never answers would hold up the end of the process', async () => {
    const fifo = path.join(await temporaryDirectory(), 'fifo')
    await promisify(execFile)('mkfifo', [fifo])
    const { child } = await start('thread-pool', fifo)
    child.kill('SIGTERM')
    expect(await outcomeOf(child)).to.equal('SIGKILL')
  })
})
