import type { InboxFile } from '../inbox-file.ts'
import type { FoundFile } from './list-inbox.ts'

/** What the inbox knows of its files between one look and the next. */
export class FileMemory {
  /** What was dealt with, as it looked then. */
  readonly #settled = new Map<string, string>()
  /** What was not, and since when it has looked as it does. */
  readonly #looks = new Map<string, { stamp: string; since: number }>()
  readonly #findSettled: (path: string) => Promise<InboxFile | undefined>
  readonly #now: () => number

  /**
   * @param findSettled What was dealt with by earlier processes too.
   * @param now Milliseconds that only grow.
   */
  constructor(findSettled: (path: string) => Promise<InboxFile | undefined>, now: () => number) {
    this.#findSettled = findSettled
    this.#now = now
  }

  /** Whether the file was dealt with as it is now. */
  async isSettled(file: FoundFile): Promise<boolean> {
    if (!this.#settled.has(file.path)) {
      const known = await this.#findSettled(file.path)
      if (known !== undefined) this.#settled.set(file.path, stampOf(known))
    }
    return this.#settled.get(file.path) === stampOf(file)
  }

  /** The file was dealt with. */
  settle(file: FoundFile): void {
    this.#settled.set(file.path, stampOf(file))
    this.#looks.delete(file.path)
  }

  /** For how many milliseconds the file has been seen exactly as it is. */
  unchangedForMs(file: FoundFile): number {
    const stamp = stampOf(file)
    const before = this.#looks.get(file.path)
    if (before?.stamp === stamp) return this.#now() - before.since
    this.#looks.set(file.path, { stamp, since: this.#now() })
    return 0
  }

  /** Forgets the files that are no longer there. */
  keepOnly(paths: ReadonlySet<string>): void {
    for (const known of [this.#settled, this.#looks]) {
      for (const path of known.keys()) if (!paths.has(path)) known.delete(path)
    }
  }
}

/** Differs where a file may differ. */
export function stampOf({ size, modifiedAt }: Pick<InboxFile, 'size' | 'modifiedAt'>): string {
  return `${size} ${modifiedAt}`
}
