import { existsSync } from 'node:fs'
import path from 'node:path'
import type { KnownTokens } from '../access/known-tokens.ts'
import { ConfigError, type Config } from '../config/config.ts'

/**
 * Refuses to serve a network without any token: neither in the settings nor in the catalog.
 *
 * @throws ConfigError
 */
export function requireTokens({ missingTokens }: Config, knownTokens: KnownTokens): void {
  if (missingTokens.length > 0 && knownTokens.isEmpty) throw new ConfigError(missingTokens)
}

/**
 * As {@link requireTokens}, where there is no catalog yet that could have some: before anything is made.
 *
 * @throws ConfigError
 */
export function requireTokensOrCatalog({ database, dataDir, missingTokens }: Config): void {
  if (database !== undefined) return
  if (missingTokens.length > 0 && !existsSync(path.join(dataDir, 'catalog.sqlite')))
    throw new ConfigError(missingTokens)
}
