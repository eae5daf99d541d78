import { DEFAULT_ARCHIVE_LIMITS } from './archive-limits.ts'
import type { ArchiveLimits } from './archive-limits.ts'
import { GzipReader } from './gzip/gzip-reader.ts'
import { TarReader } from './tar/tar-reader.ts'

/**
 * Checks, while its bytes stream by, that an archive is sound and its members safe: gzip to its checksum, tar to its
 * end. What Rasa would make of it is not looked at.
 */
export class ArchiveCheck {
  readonly #tar: TarReader
  readonly #gzip: GzipReader

  constructor(limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) {
    this.#tar = new TarReader(limits)
    this.#gzip = new GzipReader(limits, (plain) => {
      this.#tar.push(plain)
    })
  }

  /**
   * Takes the next bytes; the chunk is the caller's again, and the next one welcome, once this resolves.
   *
   * @throws ArchiveRefused
   */
  write(chunk: Uint8Array): Promise<void> {
    return this.#gzip.write(chunk)
  }

  /**
   * To be called after the last byte.
   *
   * @throws ArchiveRefused
   */
  end(): void {
    this.#gzip.end()
    this.#tar.end()
  }

  /** Gives the memory back; a pending write is rejected. To be called in any case, once. */
  close(): void {
    this.#gzip.close(new Error('checking the archive has ended'))
  }
}
