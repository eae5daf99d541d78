import { spawn } from 'node:child_process'
import { atSuiteEnd } from './suite-end.ts'

/** A program that a test started, with what it has printed so far. */
export interface Child {
  output: () => string
  running: () => boolean
  /** Asks it to end and waits until it has; after a minute it is killed. */
  stop: () => Promise<void>
}

/** Starts a program in a process group of its own, so that its workers end with it, at the latest with the suite. */
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
  const stop = async (): Promise<void> => {
    signal('SIGTERM')
    const killer = setTimeout(signal, 60_000, 'SIGKILL')
    await ended
    clearTimeout(killer)
  }
  atSuiteEnd(stop)
  return { output: () => output, running, stop }
}
