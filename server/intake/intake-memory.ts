import type { IntakeRecord } from './intake-record.ts'
import type { FoundItem } from './intake-source.ts'

/** What is known of the items of a source between one look and the next. */
export class IntakeMemory {
  /** What was dealt with, as it looked then. */
  readonly #handled = new Map<string, string>()
  /** What was not, and since when it has looked as it does. */
  readonly #looks = new Map<string, { stamp: string; since: number }>()
  readonly #findRecord: (path: string) => Promise<IntakeRecord | undefined>
  readonly #rules: string
  readonly #now: () => number

  /**
   * @param findRecord What was dealt with by earlier processes too, by the path of an item.
   * @param rules By which archives are refused now: a refusal by others settles nothing.
   * @param now Milliseconds that only grow.
   */
  constructor(
    findRecord: (path: string) => Promise<IntakeRecord | undefined>,
    rules: string,
    now: () => number,
  ) {
    this.#findRecord = findRecord
    this.#rules = rules
    this.#now = now
  }

  /** Whether the item was dealt with as it is now. */
  async isHandled(item: FoundItem): Promise<boolean> {
    if (!this.#handled.has(item.path)) {
      const record = await this.#findRecord(item.path)
      if (record !== undefined && this.#stillHolds(record)) this.#handled.set(item.path, stampOf(record))
    }
    return this.#handled.get(item.path) === stampOf(item)
  }

  /** The item was dealt with. */
  markHandled(item: FoundItem): void {
    this.#handled.set(item.path, stampOf(item))
    this.#looks.delete(item.path)
  }

  /** For how many milliseconds the item has been seen exactly as it is. */
  unchangedForMs(item: FoundItem): number {
    const stamp = stampOf(item)
    const before = this.#looks.get(item.path)
    if (before?.stamp === stamp) return this.#now() - before.since
    this.#looks.set(item.path, { stamp, since: this.#now() })
    return 0
  }

  /** Forgets the items that are no longer there. */
  keepOnly(paths: ReadonlySet<string>): void {
    for (const known of [this.#handled, this.#looks]) {
      for (const path of known.keys()) if (!paths.has(path)) known.delete(path)
    }
  }

  #stillHolds({ outcome, refusedBy }: IntakeRecord): boolean {
    return outcome !== 'refused' || refusedBy === this.#rules
  }
}

/** Differs where an item may differ. The same bytes that are put into a bucket again have the same version, but not the same time. */
export function stampOf({
  size,
  modifiedAt,
  version,
}: Pick<FoundItem, 'size' | 'modifiedAt' | 'version'>): string {
  return `${version ?? ''} ${size} ${modifiedAt}`
}
