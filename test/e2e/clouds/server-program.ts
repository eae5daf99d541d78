import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { eventually } from '../../support/eventually.ts'
import { afterThisTest } from '../../support/temporary-directory.ts'
import { programEnvironment } from '../../support/program-environment.ts'
import { programPath } from '../../support/program-path.ts'

const MAIN = programPath('server/main.ts')

/** The server as a program of its own. */
export interface ServerProgram {
  pid: number
  /** What it has printed so far. */
  output: () => string
  /** Resolves to its exit code; null where a signal ended it. */
  exited: Promise<number | null>
  /** Waits until it listens; gives its address. */
  listening: () => Promise<string>
  /** kill -9. */
  kill: () => Promise<void>
}

/** Runs `server/main.ts` over a folder with nothing in its environment but `env`. */
export function runServerProgram(folder: string, env: Record<string, string>): ServerProgram {
  // With the flag of scripts/start (scripts/set-up.bash), which keeps buffers from piling up.
  const child = spawn(process.execPath, ['--min-semi-space-size=4', '--max-semi-space-size=8', MAIN], {
    cwd: folder,
    env: {
      ...programEnvironment(),
      HOME: folder,
      DATA_DIR: 'data',
      MODELS_DIR: 'models',
      PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const exited = once(child, 'close').then(() => child.exitCode)
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  afterThisTest(kill)
  return {
    pid: child.pid ?? 0,
    output: () => output,
    exited,
    kill,
    listening: () =>
      eventually(
        'the server listens',
        () => {
          if (child.exitCode !== null) throw new Error(`it ended: ${output}`)
          return /"url":"([^"]+)"/.exec(output)?.[1]
        },
        60_000,
      ),
  }
}
