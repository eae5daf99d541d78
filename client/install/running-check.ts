import { createHash } from 'node:crypto'
import { ArchiveCheck } from '../../archives/archive-check.ts'
import { PullFailure, isSystemError } from '../failure.ts'

/** The SHA-256 of an archive, and whether it is sound, worked out while its bytes come block by block. */
export class RunningCheck {
  readonly #name: string
  readonly #hash = createHash('sha256')
  #archive: ArchiveCheck | undefined
  #unsound: PullFailure | undefined

  /**
   * @param name Of the archive, for messages.
   * @param inspect Whether gzip and tar are looked into; without it only the digest is worked out.
   */
  constructor(name: string, inspect: boolean) {
    this.#name = name
    this.#archive = inspect ? new ArchiveCheck() : undefined
  }

  /** Takes the next block, one at a time; it is the caller's again when this resolves. Never throws for bad bytes. */
  async write(block: Uint8Array): Promise<void> {
    this.#hash.update(block)
    try {
      await this.#archive?.write(block)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** What is wrong with the bytes so far; undefined where nothing is. */
  get unsound(): PullFailure | undefined {
    return this.#unsound
  }

  /** SHA-256 of all that was written, in hex. */
  digest(): string {
    return this.#hash.copy().digest('hex')
  }

  /** To be called once, after the last byte. @throws PullFailure `unsound` where it is no sound archive. */
  end(): void {
    try {
      this.#archive?.end()
    } catch (error) {
      this.#fail(error)
    }
    this.close()
    if (this.#unsound !== undefined) throw this.#unsound
  }

  close(): void {
    this.#archive?.close()
    this.#archive = undefined
  }

  #fail(error: unknown): void {
    this.close()
    if (isSystemError(error) || !(error instanceof Error)) throw error
    this.#unsound = new PullFailure(
      'unsound',
      `${this.#name} is not a sound archive: ${error.message}. To install another kind of file, use --no-inspect`,
      { again: true, cause: error },
    )
  }
}
