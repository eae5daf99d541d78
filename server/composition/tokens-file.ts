import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { KnownTokens, SavedTokens } from '../access/known-tokens.ts'
import type { Config } from '../config/config.ts'
import { KnownFile } from './known-file.ts'

const FORMAT = 1

/** Where the tokens are kept that opened something last: by their SHA-256, as in the catalog. */
export function tokensFileOf({ database, dataDir }: Pick<Config, 'database' | 'dataDir'>): string {
  // What the folder knows of a catalog of its own says nothing of the one in the database.
  return path.join(dataDir, database === undefined ? 'tokens.json' : 'tokens-database.json')
}

/** The tokens that open something, in a file: enough to let bots in where the catalog cannot be read. */
export class TokensFile extends KnownFile {
  constructor(file: string, knownTokens: KnownTokens, onFailure: (error: unknown) => void) {
    super(file, () => ({ format: FORMAT, ...knownTokens.save() }), onFailure)
  }
}

/** Reads what was written last; undefined where there is nothing that can be used. */
export async function readTokensFile(file: string): Promise<SavedTokens | undefined> {
  try {
    const content = JSON.parse(await readFile(file, 'utf8')) as SavedTokens & { format: number }
    return content.format === FORMAT ? content : undefined
  } catch {
    return undefined
  }
}
