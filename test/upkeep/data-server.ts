import { spawn, type ChildProcess } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Logger } from 'pino'
import type { Release } from '../../protocol/release.ts'
import { loadConfig } from '../../server/config/config.ts'
import { startComposed, type StartedServer } from '../support/start-composed.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { programEnvironment } from '../support/program-environment.ts'
import { programPath } from '../support/program-path.ts'

const root = path.join(import.meta.dirname, '../..')

/** Starts a server in this process; it ends with the current test. */
export async function serveFolder(
  dataDir: string,
  env: Record<string, string> = {},
  logger?: Logger,
): Promise<StartedServer> {
  const config = loadConfig({ DATA_DIR: dataDir, MODELS_DIR: `${dataDir}-inbox`, ...env }, root)
  return startComposed(config, logger === undefined ? {} : { logger })
}

/** Starts a server as a program, to be killed; it ends with the current test. */
export async function spawnServer(dataDir: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [programPath('server/main.ts')], {
    env: { ...programEnvironment(), PORT: '0', DATA_DIR: dataDir, MODELS_DIR: `${dataDir}-inbox`, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  afterThisTest(() => child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, url } = JSON.parse(line) as { msg: string; url: string }
    if (msg !== 'listening') continue
    child.stdout.resume()
    return { url, child }
  }
  throw new Error('The server ended before it listened')
}

/** Runs one of the server's tools as a program; what it says of an error comes from its `stderr`. */
export function spawnTool(
  name: 'backup' | 'restore',
  args: string[],
  env: Record<string, string>,
): ChildProcess {
  const child = spawn(process.execPath, [programPath(`server/tools/${name}.ts`), ...args], {
    env: { ...programEnvironment(), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  afterThisTest(() => child.kill('SIGKILL'))
  return child
}

export async function publishTo(
  url: string,
  archive: Uint8Array,
  model = 'shop',
  query = '',
): Promise<Release> {
  const answer = await fetch(`${url}/models/${model}${query}`, { method: 'POST', body: Buffer.from(archive) })
  if (!answer.ok) throw new Error(`Publishing was answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Release
}

/** All releases of a model, newest first. */
export async function releasesOf(url: string, model = 'shop'): Promise<Release[]> {
  const answer = await fetch(`${url}/api/v1/models/${model}/releases?limit=1000`)
  return ((await answer.json()) as { items: Release[] }).items
}
