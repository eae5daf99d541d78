import { homedir } from 'node:os'
import path from 'node:path'

/** What runs on this machine keep for the next: beside the services that scripts/services installs. */
export function cacheFolder(): string {
  const caches = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache')
  return process.env['TEST_CACHE'] ?? path.join(caches, 'slipway')
}
