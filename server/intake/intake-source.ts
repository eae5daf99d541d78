/** A file or an object that may be an archive, as it looked when it was listed. */
export interface FoundItem {
  /** Within its source, `/`-separated. */
  path: string
  model: string
  size: number
  /** Milliseconds since 1970, with the fraction that the source keeps. */
  modifiedAt: number
  /** Of a file, when content, name or mode last changed, in the same unit: unlike `modifiedAt`, nobody can set it. */
  changedAt?: number
  /** Of an object: differs whenever its bytes may differ. */
  version?: string
}

/** What lies in a source. */
export interface IntakeListing<Item extends FoundItem> {
  items: Item[]
  /** What was perhaps meant to be published but cannot be, and why. */
  ignored: { path: string; reason: string }[]
}

/** A place where archives arrive by themselves; nothing is ever written, moved or deleted there. */
export interface IntakeSource<Item extends FoundItem = FoundItem> {
  /** How a person calls it: a folder, or the URL of one in a bucket. */
  readonly description: string
  /** Who is said to have published what comes from there. */
  readonly publishedBy: 'inbox' | 'import'

  /** What the catalog remembers an item by. */
  recordPath(path: string): string

  /** All that lies there now. @throws whatever keeps it from being looked through, and the reason of `signal`. */
  list(signal: AbortSignal): Promise<IntakeListing<Item>>

  /**
   * The bytes of an item, all of them as they were when it was listed. A chunk is valid until the next one is asked for.
   *
   * @throws ItemChanged, ItemUnreadable, SourceUnavailable, and the reason of `signal`
   */
  read(item: Item, signal: AbortSignal): AsyncIterable<Uint8Array>

  /**
   * The signature that lies beside an item, under its name with `.sigstore.json` behind it; undefined where none does. What
   * is longer than any bundle is cut off, and refused as a signature.
   *
   * @throws SourceUnavailable, ItemUnreadable, and the reason of `signal`
   */
  readBundle(item: Item, signal: AbortSignal): Promise<Uint8Array | undefined>
}

/** The item is not, or no longer, what was listed: somebody is writing, moving or removing it. */
export class ItemChanged extends Error {
  override readonly name = 'ItemChanged'
}

/** The item is there but cannot be read; the cause says why. */
export class ItemUnreadable extends Error {
  override readonly name = 'ItemUnreadable'
}

/** No item can be read now; the cause says why. */
export class SourceUnavailable extends Error {
  override readonly name = 'SourceUnavailable'
}
