import type { ReplacedCatalog } from './replaced-catalog.ts'
import type { LastKnownTokens } from './revoke-ended-tokens.ts'

/** Where a restored catalog is put: a data directory or a database, that this program has for itself. */
export interface RestoreTarget {
  /** Where the catalog is made; nothing of it is visible there. */
  readonly workFile: string
  /** What is read of the catalog that is there, if there is one and it can be read. It is left as it is. */
  readReplaced(): Promise<ReplacedCatalog | undefined>
  /** The tokens that were good last, as far as anything but the catalog says so. */
  readLastKnownTokens(): Promise<LastKnownTokens | undefined>
  /**
   * Puts what was made in place, at once.
   *
   * @returns where the catalog is that was there before; null where there was none.
   */
  put(): Promise<string | null>
  /** Lets others have it. */
  release(): Promise<void>
}
