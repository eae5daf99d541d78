import { spawn } from 'node:child_process'
import { killGroupAtExit } from './end-with-us.ts'
import { atSuiteEnd } from './suite-end.ts'

/** A program that a test started, with what it has printed so far. */
export interface Child {
  output: () => string
  running: () => boolean
  /** What it ended with; null while it runs, or where a signal ended it. */
  exitCode: () => number | null
  /** Resolves when it has ended, by itself or otherwise. */
  ended: Promise<void>
  /** Asks it to end and waits until it has; after a minute it is killed. */
  stop: () => Promise<void>
  /** Ends it as a power cut would, and waits until it has. */
  kill: () => Promise<void>
  /** Has it do nothing more, with its connections open, until it is killed. */
  freeze: () => void
}

/**
 * Starts a program in a process group of its own, so that its workers end with it, at the latest with the suite, or
 * with this process where a signal ends that.
 */
export function startChild(
  program: string,
  parameters: readonly string[],
  { folder, env }: { folder: string; env: Record<string, string> },
): Child {
  const child = spawn(program, parameters, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const running = (): boolean => child.exitCode === null && child.signalCode === null
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      output += String(error)
      resolve()
    })
    child.once('exit', () => {
      resolve()
    })
  })
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid !== undefined && running()) process.kill(-child.pid, name)
  }
  const forget = child.pid === undefined ? () => undefined : killGroupAtExit(child.pid)
  const kill = async (): Promise<void> => {
    signal('SIGKILL')
    await ended
  }
  const stop = async (): Promise<void> => {
    signal('SIGTERM')
    const killer = setTimeout(signal, 60_000, 'SIGKILL')
    await ended
    clearTimeout(killer)
    forget()
  }
  const freeze = (): void => {
    signal('SIGSTOP')
  }
  atSuiteEnd(stop)
  return { output: () => output, running, exitCode: () => child.exitCode, ended, stop, kill, freeze }
}
