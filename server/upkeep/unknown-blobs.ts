/** What a look at the storage found. */
export interface StoredBlobs {
  /** Archives that some release of the catalog names. */
  known: number
  /** Archives that no release names, and that nobody freed. */
  unknown: number
}

/** A crash between blob and release leaves one; more than that at once, in a storage with hardly any known, is no crash. */
const FEW = 3

/**
 * Whether the storage is likelier another catalog's than this one's with what crashes left: a catalog that was begun anew, or
 * restored from long ago. Nothing of it is deleted then; that costs room, and the other mistake would cost archives.
 */
export function isOtherCatalogs({ known, unknown }: StoredBlobs): boolean {
  return unknown > known && (known === 0 || unknown >= FEW)
}
