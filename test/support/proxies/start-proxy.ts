import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../free-port.ts'
import { findProgram, libraryPath, packageRoot, type Proxy } from './proxy.ts'

/** A proxy that runs. */
export interface RunningProxy {
  /** `http://127.0.0.1:{port}`. */
  url: string
  stop: () => Promise<void>
}

/** What a proxy says of its version, in short; undefined where it is not installed. */
export function versionOf(proxy: Proxy): string | undefined {
  const program = findProgram(proxy)
  if (program === undefined) return undefined
  const command = [program, ...proxy.versionArgs].map((word) => `'${word}'`).join(' ')
  const said = execFileSync('/bin/sh', ['-c', `${command} 2>&1`], {
    env: environment(program),
    encoding: 'utf8',
  })
  // Caddy logs before it speaks.
  const words = said
    .split('\n')
    .filter((line) => !line.startsWith('{'))
    .join('\n')
  return /\b\d+\.\d+(?:\.\d+)?\b/.exec(words)?.[0] ?? 'of an unknown version'
}

/**
 * Starts a proxy on a free port of loopback.
 *
 * @param upstream The port of the server behind it.
 * @throws Error with what it said, where it does not start
 */
export async function startProxy(proxy: Proxy, variant: string, upstream: number): Promise<RunningProxy> {
  const program = findProgram(proxy)
  const chosen = proxy.variants[variant]
  if (program === undefined || chosen === undefined)
    throw new Error(`${proxy.name} is not installed, or has no variant "${variant}": run scripts/services`)
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-proxy-'))
  // Some drop their rights, and still write here.
  await chmod(folder, 0o777)
  const port = await freePort()
  const root = program.startsWith(packageRoot()) ? packageRoot() : '/'
  const {
    files,
    args,
    env = {},
    leftovers = [],
  } = proxy.configure(chosen.settings, { port, upstream, folder, root })
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(file), { recursive: true })
    if (path.dirname(file) !== folder) await chmod(path.dirname(file), 0o777)
    await writeFile(file, text)
  }
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...environment(program), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4000)))
  const closed = once(child, 'close')
  const stop = async (): Promise<void> => {
    // Those with children end them where they are asked to, and leave them behind where they are killed.
    if (child.exitCode === null) child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
    await closed
    clearTimeout(timer)
    for (const file of leftovers) await rm(file, { force: true })
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
  const deadline = performance.now() + 30_000
  while (!(await isListening(port))) {
    if (child.exitCode === null && performance.now() < deadline) {
      await wait(50)
      continue
    }
    await stop()
    throw new Error(`${proxy.name} did not start: ${output}`)
  }
  return { url: `http://127.0.0.1:${port}`, stop }
}

function environment(program: string): Record<string, string> {
  const root = packageRoot()
  const libraries = program.startsWith(root) ? { LD_LIBRARY_PATH: libraryPath(root) } : {}
  return { PATH: process.env['PATH'] ?? '', ...libraries }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
