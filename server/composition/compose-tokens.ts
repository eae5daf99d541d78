import { randomBytes } from 'node:crypto'
import type { TokenDependencies } from '../access/create-token.ts'
import { followTokens, noteUse } from '../access/follow-tokens.ts'
import { KnownTokens } from '../access/known-tokens.ts'
import { openAccess, type OpenAccess } from '../access/open-access.ts'
import { readTokensFile } from '../access/tokens-file.ts'
import { isLoopback } from '../config/is-loopback.ts'
import type { ComposedCatalog } from './compose-catalog.ts'
import { logCatalogFailures } from './logging/log-catalog-failures.ts'
import { requireTokens } from './opening/require-tokens.ts'
import type { Surroundings } from './surroundings.ts'
import { TokensFile, tokensFileOf } from './opening/tokens-file.ts'

/** The tokens of the catalog, and what they leave open. */
export interface ComposedTokens {
  tokens: TokenDependencies
  open: OpenAccess
  /** Begins to take in what is changed elsewhere. */
  start(): void
  /** Tells it to end, and resolves when it has. */
  stop(): Promise<void>
  /** Writes what is known last beside the catalog (`tokens.json`). */
  close(): Promise<void>
}

/** Reads the tokens of the catalog. @throws ConfigError where a network would be served without any. */
export async function composeTokens(
  { config, clock, logger }: Surroundings,
  { catalog, isLost }: Pick<ComposedCatalog, 'catalog' | 'isLost'>,
): Promise<ComposedTokens> {
  const knownTokens = new KnownTokens()
  const file = tokensFileOf(config)
  const tokensFile = new TokensFile(file, knownTokens, (error) => {
    logger.warn({ err: error }, 'tokens_file_failed')
  })
  if (isLost()) knownTokens.restore((await readTokensFile(file)) ?? knownTokens.save())
  else {
    await knownTokens.refresh(catalog)
    requireTokens(config, knownTokens)
    if (!knownTokens.isEmpty) tokensFile.schedule()
    knownTokens.onChange(() => {
      tokensFile.schedule()
    })
  }
  const onFailure = logCatalogFailures(logger, isLost, 'tokens_unread')
  const tokens = { catalog, clock, knownTokens, random: randomBytes }
  const stopping = new AbortController()
  let following = Promise.resolve()
  return {
    tokens,
    open: openAccess({ ...config, isLocal: isLoopback(config.host) }, knownTokens),
    start() {
      following = followTokens({ catalog, clock, knownTokens, onFailure }, stopping.signal)
    },
    async stop() {
      stopping.abort(new Error('The server stops'))
      await following
      if (!isLost()) await noteUse({ catalog, clock, knownTokens, onFailure }).catch(onFailure)
    },
    close: () => tokensFile.flush(),
  }
}
