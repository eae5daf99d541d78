import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../test/support/free-port.ts'
import { requireUnchanged } from './require-unchanged.ts'
import { startServer, type RunningServer } from './start-server.ts'

const checkout = path.resolve(import.meta.dirname, '../..')

/** What `scripts/start` gives Node, see scripts/set-up.bash. */
export const NODE_FLAGS = ['--min-semi-space-size=4', '--max-semi-space-size=8'] as const

/**
 * Starts our server with its defaults, in an own folder or, to start it once more, in one that it had before.
 *
 * @param settings What of its environment differs from the defaults.
 */
export async function startSlipway(
  folder: string,
  settings: Record<string, string> = {},
): Promise<RunningServer> {
  await mkdir(folder, { recursive: true })
  const port = await freePort()
  return startServer([process.execPath, ...NODE_FLAGS, path.join(checkout, 'server/main.ts')], {
    folder,
    port,
    readyPath: '/readyz',
    env: {
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: path.join(folder, 'data'),
      MODELS_DIR: path.join(folder, 'models'),
      ...settings,
    },
  })
}

/** Publishes a file as it streams off the disk, which `curl --data-binary` would read into memory first. */
export async function publish(
  server: RunningServer,
  file: string,
  model = 'default',
  token?: string,
): Promise<void> {
  const authorization = token === undefined ? [] : ['--header', `Authorization: Bearer ${token}`]
  await promisify(execFile)('curl', [
    '--silent',
    '--show-error',
    '--fail-with-body',
    '--request',
    'POST',
    '--header',
    'Expect:',
    ...authorization,
    '--upload-file',
    file,
    `${server.url}/models/${model}`,
  ])
}

/** What a process sends in If-None-Match that has fetched the latest release, as Rasa does, and runs it. */
export async function tagOfRunningProcess(server: RunningServer): Promise<string> {
  const fresh = '2c1b7e9d40a64f35b8d2917c6e0f5a34'
  const answer = await fetch(`${server.url}/models/default`, { headers: { 'if-none-match': fresh } })
  await answer.arrayBuffer()
  const tag = answer.headers.get('etag')
  if (tag?.includes(fresh) !== true)
    throw new Error(`the server did not name the process in its ETag: ${tag ?? 'none'}`)
  await requireUnchanged(`${server.url}/models/default`, tag)
  return tag
}
