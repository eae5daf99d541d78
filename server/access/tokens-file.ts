import { readFile } from 'node:fs/promises'
import type { SavedTokens } from './known-tokens.ts'

/** The file in the data directory that says which tokens of its catalog opened something last. */
export const TOKENS_FILE = 'tokens.json'

/** The same, of the catalog in a database. */
export const TOKENS_FILE_OF_DATABASE = 'tokens-database.json'

/** The format of such a file, which it names itself. */
export const TOKENS_FORMAT = 1

/** Reads what was written last; undefined where there is nothing that can be used. */
export async function readTokensFile(file: string): Promise<SavedTokens | undefined> {
  try {
    const content = JSON.parse(await readFile(file, 'utf8')) as SavedTokens & { format: number }
    return content.format === TOKENS_FORMAT ? content : undefined
  } catch {
    return undefined
  }
}
