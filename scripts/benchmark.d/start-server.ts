import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { cpuSeconds } from './process-usage.ts'

/** A server under load. */
export interface RunningServer {
  pid: number
  /** `http://127.0.0.1:PORT`. */
  url: string
  /** From its start until it answered, in seconds. */
  startSeconds: number
  /** The CPU time it used until then. */
  startCpuSeconds: number
  stop: () => Promise<void>
}

const running = new Set<() => Promise<void>>()

/** Ends whatever was started and not stopped, the last one first: servers before what they need. */
export async function stopAllServers(): Promise<void> {
  for (const stop of [...running].reverse()) await stop()
  running.clear()
}

/** Has something else ended by {@link stopAllServers}. */
export function alsoStop(stop: () => Promise<void>): void {
  running.add(stop)
}

/**
 * Starts a server and waits until it answers a request for `readyPath` at all with less than 500.
 * What it prints goes to a file in `folder`, as a pipe that we read would be work done beside what is measured.
 */
export async function startServer(
  command: readonly [string, ...string[]],
  { folder, port, readyPath, env = {} }: StartOptions,
): Promise<RunningServer> {
  const url = `http://127.0.0.1:${port}`
  const logFile = path.join(folder, `${path.basename(command.at(-1) ?? 'server')}-${port}.log`)
  const log = openSync(logFile, 'a')
  const started = performance.now()
  const [program, ...parameters] = command
  const child = spawn(program, parameters, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  // Should an error end us first, nothing is left behind.
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  process.once('exit', kill)
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve()
    })
    child.once('error', () => {
      resolve()
    })
  })
  const stop = async (): Promise<void> => {
    running.delete(stop)
    child.kill('SIGTERM')
    const killer = setTimeout(kill, 40_000)
    await ended
    clearTimeout(killer)
    process.off('exit', kill)
  }
  running.add(stop)
  while (!(await answers(url + readyPath))) {
    if (child.pid === undefined || child.exitCode !== null || performance.now() - started > 60_000) {
      await stop()
      throw new Error(`${command.join(' ')} did not come up; it printed:\n${readFileSync(logFile, 'utf8')}`)
    }
    await pause(10)
  }
  const startSeconds = (performance.now() - started) / 1000
  const pid = child.pid ?? 0
  return { pid, url, startSeconds, startCpuSeconds: cpuSeconds(pid), stop }
}

interface StartOptions {
  folder: string
  port: number
  readyPath: string
  env?: Record<string, string>
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { headers: { connection: 'close' } })
    await answer.body?.cancel()
    return answer.status < 500
  } catch {
    return false
  }
}
