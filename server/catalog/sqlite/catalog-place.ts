import { statSync } from 'node:fs'
import { DomainError } from '../../errors/errors.ts'

/**
 * Whether the files of an open catalog still lie where they were opened.
 *
 * SQLite goes on writing to a file that was deleted, moved or replaced behind it, and calls it a success; at the next start
 * everything since would be gone. It looks itself (SQLITE_FCNTL_HAS_MOVED), but not with a write-ahead log.
 */
export class CatalogPlace {
  /** By path; the write-ahead log comes with the first statement, and stays until the catalog is closed. */
  readonly #seen = new Map<string, string>()
  readonly #paths: readonly string[]
  readonly file: string
  #contents: string

  constructor(file: string) {
    this.file = file
    this.#paths = [file, `${file}-wal`]
    this.require()
    this.#contents = describeContents(file)
  }

  /**
   * Whether another program touched the file since {@link noteOwnChange}. The write-ahead log is ours alone: this connection is the one
   * that moves it into the file, within its commits.
   */
  wasTouched(): boolean {
    return this.#contents !== describeContents(this.file)
  }

  /** The file is as it is to be; to be called after each commit. */
  noteOwnChange(): void {
    this.#contents = describeContents(this.file)
  }

  /** @throws DomainError `catalog-unavailable` where a write would be lost. */
  require(): void {
    for (const path of this.#paths) {
      const found = identify(path)
      const before = this.#seen.get(path)
      if (before === undefined && found !== undefined) this.#seen.set(path, found)
      else if (before !== found) throw movedAway()
    }
  }
}

function identify(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}-${found.ino}`
}

function describeContents(file: string): string {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false })
  return found === undefined ? '' : `${found.mtimeNs} ${found.size}`
}

function movedAway(): DomainError {
  return new DomainError(
    'catalog-unavailable',
    'The files of the catalog were deleted, moved or replaced while the server runs: a change would be lost. Put them back as ' +
      'they were, or restart the server to go on with what is there now.',
  )
}
