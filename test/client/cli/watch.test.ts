import { expect } from 'chai'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { programPath } from '../../support/program-path.ts'
import { aServer } from '../../support/server-under-test.ts'
import { skipTest } from '../../support/skip-test.ts'
import { afterThisTest } from '../../support/temporary-directory.ts'
import { programEnvironment } from '../../support/program-environment.ts'

const MAIN = programPath('client/cli/main.ts')

/** Runs a command on a terminal of its own. */
function onTerminal(command: string, env: Record<string, string>) {
  const line = `stty cols 80 rows 24; '${process.execPath}' '${MAIN}' ${command}`
  // -e: the exit code is the command's.
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...programEnvironment(), TERM: 'xterm', LANG: 'C.UTF-8', ...env },
  })
  afterThisTest(() => child.kill('SIGKILL'))
  let shown = ''
  child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()))
  return { child, shown: () => shown, ended: once(child, 'exit') as Promise<[number]> }
}

describe('a watch on a terminal', function () {
  this.timeout(60_000)

  before(function () {
    try {
      execFileSync('script', ['--version'], { stdio: 'ignore' })
    } catch {
      skipTest(this, 'needs script(1) for a terminal')
    }
  })

  it('shows what happens when it happens, and gives the terminal back at Ctrl-C', async () => {
    const { url, publish, request } = await aServer()
    await publish(anArchive({ rasaVersion: '3.6.20' }))
    const { child, shown, ended } = onTerminal('bots --watch', { SLIPWAY_URL: url, NO_COLOR: '1' })
    await eventually(
      'it is live',
      () => /live; Ctrl-C/.test(shown()) && shown().includes('shop@latest → 1,'),
      40_000,
    )
    const asked = shown().length
    await request.put('/api/v1/models/shop/tags/production').send({ release: 1 })
    // Far sooner than the next look without an event, which is 30 s away.
    await eventually('the new tag is shown', () => shown().slice(asked).includes('shop@production'), 15_000)
    child.stdin.write('\u0003')
    const [code] = await ended
    expect(code).to.equal(130)
    expect(shown()).to.not.include('\u001b[3')
    for (const [on, off] of [
      ['\u001b[?1049l', '\u001b[?1049h'],
      ['\u001b[?25h', '\u001b[?25l'],
      ['\u001b[?7h', '\u001b[?7l'],
    ] as const) {
      expect(shown().lastIndexOf(on)).to.be.greaterThan(shown().lastIndexOf(off))
    }
    // What was shown last stays.
    expect(shown().slice(shown().lastIndexOf('\u001b[?1049l'))).to.include('shop@production')
  })

  it('ends with its rollout', async () => {
    const { url, publish, request } = await aServer()
    await publish(anArchive())
    await request.put('/api/v1/models/shop/tags/production').send({ release: 1 })
    const { items } = (await request.get('/api/v1/models/shop/rollouts?tag=production')).body
    await request.post(`/api/v1/models/shop/rollouts/${items[0].id}/pause`).send({ reason: 'lunch' })
    const { shown, ended } = onTerminal('rollout shop@production --watch', { SLIPWAY_URL: url })
    await eventually('it is shown', () => shown().includes('lunch'), 40_000)
    await request.post(`/api/v1/models/shop/rollouts/${items[0].id}/abort`).send({ now: true })
    const [code] = await ended
    expect(code).to.equal(0)
    expect(shown()).to.match(/shop@production.*- → 1/s)
  })
})
