import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { LogLine } from './log-lines.ts'
import { noteSecretsOf, refuseSecretsIn } from './secrets-in-output.ts'
import { afterThisTest, temporaryDirectory } from './temporary-directory.ts'
import { programEnvironment } from './program-environment.ts'
import { programPath } from './program-path.ts'

/** What a server process is started with. */
export interface StartOptions {
  /** Where it keeps everything; a new folder that goes with the test where absent. */
  folder?: string
  env?: Record<string, string>
  /** A program and its arguments that run the server: `strace …`, `bash -c 'ulimit …; exec "$@"' --`. */
  under?: readonly string[]
  /** The program; that of this checkout where absent. */
  main?: string
}

/** A server that runs as a process of its own. */
export interface RunningServer {
  url: string
  port: number
  folder: string
  /** The server's own process id, whatever it runs under. */
  pid: number
  lines: readonly LogLine[]
  stderr: () => string
  /** How it ended: its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>
  kill(signal: NodeJS.Signals): void
}

/** It ended before it listened. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed'
  readonly outcome: number | NodeJS.Signals
  readonly stderr: string

  constructor(outcome: number | NodeJS.Signals, stderr: string) {
    super(`The server ended with ${outcome} before it listened: ${stderr}`)
    this.outcome = outcome
    this.stderr = stderr
  }
}

/** How a server ended that was not to start. @throws Error where it starts, or fails in another way. */
export async function startFailure(starting: Promise<unknown>): Promise<StartFailed> {
  try {
    await starting
  } catch (error) {
    if (error instanceof StartFailed) return error
    throw error
  }
  throw new Error('it was expected not to start')
}

const MAIN = programPath('server/main.ts')

/**
 * Starts the server as `scripts/start` does, on a free port, and waits until it listens. The test fails where it writes a
 * secret of the test.
 */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const folder = options.folder ?? (await temporaryDirectory())
  noteSecretsOf(options.env ?? {})
  const [program, ...before] = options.under ?? [process.execPath]
  const node = options.under === undefined ? [] : [process.execPath]
  const child = spawn(program ?? process.execPath, [...before, ...node, options.main ?? MAIN], {
    cwd: folder,
    env: { ...programEnvironment(), HOME: folder, PORT: '0', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = outcomeOf(child)
  let pid = child.pid ?? 0
  afterThisTest(async () => {
    killQuietly(pid, 'SIGKILL')
    child.kill('SIGKILL')
    await ended
    refuseSecretsIn(JSON.stringify(lines) + stderr, 'The server')
  })
  const lines: LogLine[] = []
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const listening = new Promise<LogLine>((resolve) => {
    createInterface(child.stdout).on('line', (text) => {
      const line = JSON.parse(text) as LogLine
      lines.push(line)
      if (line.msg === 'listening') resolve(line)
    })
  })
  const first = await Promise.race([listening, ended])
  if (typeof first !== 'object') throw new StartFailed(first, stderr)
  const url = String(first['url'])
  if (typeof first['pid'] === 'number') pid = first['pid']
  return {
    url,
    folder,
    pid,
    lines,
    ended,
    port: Number(new URL(url).port),
    stderr: () => stderr,
    kill: (signal) => {
      killQuietly(pid, signal)
    },
  }
}

async function outcomeOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return signal ?? code ?? 1
}

/** Ends a process that may have ended by itself. */
function killQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone already.
  }
}
