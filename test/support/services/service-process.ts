import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../free-port.ts'
import { skipTest } from '../skip-test.ts'

/** A real server that tests talk to. */
export interface Service {
  stop: () => Promise<void>
}

/** How to start a server, once its port and its folder are known. */
export interface ServiceCommand {
  program: string
  args: string[]
  env?: Record<string, string>
  /** A URL that answers (with anything) once the server is ready. */
  healthUrl: string
}

/**
 * Starts a service before the tests of the suite that this is called in, and stops it after them.
 *
 * @returns what gives the running service to a test
 */
export function withService<Running extends Service>(
  start: (context: Mocha.Context) => Promise<Running>,
): () => Running {
  let running: Running | undefined
  before(async function () {
    this.timeout(60_000)
    running = await start(this)
  })
  after(async () => {
    await running?.stop()
  })
  return () => {
    if (!running) throw new Error('the service is used before it was started')
    return running
  }
}

/**
 * The path of a program that scripts/services installs; where it is missing the suite is skipped and says so, but
 * fails where CI=true.
 */
export function installedProgram(context: Mocha.Context, name: string): string {
  const program = path.join(cacheFolder(), 'bin', name)
  if (existsSync(program)) return program
  const reason = `${name} is not installed: run scripts/services`
  if (process.env['CI'] === 'true') throw new Error(reason)
  return skipTest(context, reason)
}

/** Runs a server on a free port of the loopback interface, with a folder that is removed when it stops. */
export async function runService(
  describeCommand: (port: number, folder: string) => ServiceCommand,
): Promise<Service & { port: number; folder: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-service-'))
  const port = await freePort()
  const { program, args, env, healthUrl } = describeCommand(port, folder)
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const remember = (text: Buffer): void => {
    output = (output + text.toString()).slice(-4000)
  }
  child.stdout.on('data', remember)
  child.stderr.on('data', remember)
  const stop = async (): Promise<void> => {
    await endChild(child)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await untilHealthy(healthUrl, child)
  } catch (error) {
    await stop()
    throw new Error(`${program} did not start: ${output}`, { cause: error })
  }
  return { port, folder, stop }
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 40_000
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}`)
    try {
      await (await fetch(url, { signal: AbortSignal.timeout(5000) })).arrayBuffer()
      return
    } catch (error) {
      if (Date.now() > deadline) throw error
      await wait(50)
    }
  }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  await exited
  clearTimeout(timer)
}

function cacheFolder(): string {
  const { TEST_CACHE, XDG_CACHE_HOME } = process.env
  return TEST_CACHE ?? path.join(XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'slipway')
}
