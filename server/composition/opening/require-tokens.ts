import { existsSync } from 'node:fs'
import path from 'node:path'
import type { KnownTokens } from '../../access/known-tokens.ts'
import { ConfigError, type Config } from '../../config/config.ts'
import { tokensFileOf } from './tokens-file.ts'

/**
 * Refuses to serve a network without any token: neither in the settings nor in the catalog.
 *
 * @throws ConfigError
 */
export function requireTokens({ missingTokens }: Config, knownTokens: KnownTokens): void {
  if (missingTokens.length > 0 && knownTokens.isEmpty) throw new ConfigError(missingTokens)
}

/**
 * As {@link requireTokens}, where there never was a catalog that could have some: before anything is made.
 *
 * @throws ConfigError
 */
export function requireTokensOrCatalog(config: Config): void {
  const { database, dataDir, missingTokens } = config
  if (database !== undefined) return
  const files = [path.join(dataDir, 'catalog.sqlite'), tokensFileOf(config)]
  if (missingTokens.length > 0 && !files.some((file) => existsSync(file)))
    throw new ConfigError(missingTokens)
}
