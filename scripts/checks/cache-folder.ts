import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { checkout } from './run-command.ts'

/** What runs on this machine keep for the next: beside the services that scripts/services installs. */
export function cacheFolder(): string {
  const caches = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache')
  return process.env['TEST_CACHE'] ?? path.join(caches, 'slipway')
}

/** What runs of this checkout keep for the next, outside of it: what tools keep has the paths of files in it. */
export async function keptFolder(): Promise<string> {
  const name = createHash('sha256').update(checkout).digest('hex').slice(0, 16)
  const folder = path.join(cacheFolder(), 'checks', name)
  await mkdir(folder, { recursive: true })
  return folder
}
