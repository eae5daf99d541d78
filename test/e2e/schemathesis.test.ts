import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { shortOrLong } from '../support/long-form.ts'
import { aHurriedClock } from '../support/manual-clock.ts'
import { aServer } from '../support/server-under-test.ts'
import { installedProgram } from '../support/services/service-process.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** For each operation, and for the sequences of them. */
const EXAMPLES = shortOrLong('the API, fuzzed by Schemathesis: 3 examples instead of 25', {
  short: 3,
  long: 25,
})

const settings = path.join(import.meta.dirname, 'schemathesis')

describe('the API, fuzzed by Schemathesis', () => {
  it('answers whatever is sent as its OpenAPI document says, and never with 500', async function () {
    // It ends by the number of its examples, however long a machine takes for them.
    this.timeout(1_800_000)
    const program = installedProgram(this, 'schemathesis')
    const { url, publish } = await aServer({
      publishToken: 'publish-secret',
      pullToken: 'pull-secret',
      clock: aHurriedClock(),
    })
    for (const query of ['tag=production', 'tag=staging', '']) await publish(anArchive(), { query })

    const { succeeded, output } = await run(program, [
      '--config-file',
      path.join(settings, 'schemathesis.toml'),
      'run',
      `${url}/openapi.json`,
      '--max-examples',
      `${EXAMPLES}`,
      '--checks',
      'all',
      '--warnings',
      'off',
      '--no-color',
      '--header',
      'Authorization: Bearer publish-secret',
    ])
    expect(succeeded, output).to.equal(true)
  })
})

async function run(program: string, args: string[]): Promise<{ succeeded: boolean; output: string }> {
  const child = spawn(program, args, {
    cwd: await temporaryDirectory(),
    env: { ...process.env, SLIPWAY_HOOKS: path.join(settings, 'hooks.py') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await once(child, 'exit')) as [number | null]
  return { succeeded: code === 0, output: (await output).join('\n') }
}
