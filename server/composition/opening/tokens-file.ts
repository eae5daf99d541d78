import path from 'node:path'
import type { KnownTokens } from '../../access/known-tokens.ts'
import { TOKENS_FILE, TOKENS_FILE_OF_DATABASE, TOKENS_FORMAT } from '../../access/tokens-file.ts'
import type { Config } from '../../config/config.ts'
import { KnownFile } from './known-file.ts'

/** Where the tokens are kept that opened something last: by their SHA-256, as in the catalog. */
export function tokensFileOf({ database, dataDir }: Pick<Config, 'database' | 'dataDir'>): string {
  // What the folder knows of a catalog of its own says nothing of the one in the database.
  return path.join(dataDir, database === undefined ? TOKENS_FILE : TOKENS_FILE_OF_DATABASE)
}

/** The tokens that open something, in a file: enough to let bots in where the catalog cannot be read. */
export class TokensFile extends KnownFile {
  constructor(file: string, knownTokens: KnownTokens, onFailure: (error: unknown) => void) {
    super(file, () => ({ format: TOKENS_FORMAT, ...knownTokens.save() }), onFailure)
  }
}
