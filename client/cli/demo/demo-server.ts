import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { PullFailure } from '../../failure.ts'
import { serverProgram } from '../server-program.ts'

/** A server in a folder of its own, on a free port of loopback. */
export interface DemoServer {
  url: URL
  /** Ends it; resolves when it has ended. */
  stop(): Promise<void>
}

/** How long it may take to end by itself, in milliseconds. */
const LAST_SECONDS = 5_000

/** @throws PullFailure where it does not start, with what it says. */
export async function startDemoServer(folder: string): Promise<DemoServer> {
  const child = spawn(process.execPath, [fileURLToPath(serverProgram('main'))], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: path.join(folder, 'data'),
      MODELS_DIR: path.join(folder, 'models'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const kill = setTimeout(() => child.kill('SIGKILL'), LAST_SECONDS)
    await ended
    clearTimeout(kill)
  }
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  const url = await Promise.race([listening(child), ended.then(() => undefined)])
  if (url === undefined) throw new PullFailure('source', `the server of the demo did not start: ${complaint}`)
  return { url, stop }
}

async function listening({
  stdout,
}: ChildProcess & { stdout: NodeJS.ReadableStream }): Promise<URL | undefined> {
  const lines = createInterface(stdout)
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      const { msg, url } = JSON.parse(line) as { msg: string; url?: string }
      if (msg === 'listening' && url !== undefined) resolve(new URL(`${url}/`))
    })
  })
}
