import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { noteSecretsOf, refuseSecretsIn } from './secrets-in-output.ts'
import { programEnvironment } from './program-environment.ts'
import { programPath } from './program-path.ts'

const MAIN = programPath('client/cli/main.ts')

/** How a command ended, and what it wrote. */
export interface Ran {
  code: number | null
  out: string
  error: string
}

export interface RunOptions {
  /** All that it inherits but PATH. */
  env?: Record<string, string>
  cwd?: string
  /** `signal` is sent when standard output holds this. */
  endAfter?: string
  /** SIGTERM unless another is given. */
  signal?: NodeJS.Signals
}

/** Runs `slipway ARGS` in a process of its own. It fails where that writes a secret of the test. */
export async function runSlipway(
  args: string[],
  { env = {}, cwd, endAfter, signal = 'SIGTERM' }: RunOptions = {},
): Promise<Ran> {
  noteSecretsOf(env)
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...programEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, error] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
    if (endAfter !== undefined && out.includes(endAfter)) child.kill(signal)
  })
  child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  refuseSecretsIn(out + error, `slipway ${args.join(' ')}`)
  return { code, out, error }
}
