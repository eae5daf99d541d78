import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { programEnvironment } from './program-environment.ts'
import { programPath } from './program-path.ts'
import { afterThisTest } from './temporary-directory.ts'

const TOOL = programPath('server/tools/migrate.ts')

/** Begins `slipway migrate` as a program of its own; it ends with the current test. */
export function beginMigrate(from: string, to: string) {
  const child = spawn(process.execPath, [TOOL, '--from', from, '--to', to], {
    env: programEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  afterThisTest(() => child.kill('SIGKILL'))
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([stdout, stderr]) => ({ code: child.exitCode, stdout, stderr }),
  )
  return { child, ended }
}
