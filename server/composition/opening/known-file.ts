import { replaceFile } from '../../../storage/filesystem/replace-file.ts'

/** How long a write waits, in milliseconds. */
export interface KnownFilePauses {
  /** After a change: changes come in bursts, and one file tells of all of them. */
  debounceMs: number
  /** After a failure. */
  retryMs: number
}

const STANDARD_PAUSES: KnownFilePauses = { debounceMs: 500, retryMs: 30_000 }

/**
 * What memory knows of the catalog, in a file beside it, for the day when the catalog cannot be read. It may be half a second
 * behind, longer only while the disk fails; whole it always is.
 */
export class KnownFile {
  readonly #file: string
  readonly #content: () => object
  readonly #onFailure: (error: unknown) => void
  readonly #pauses: KnownFilePauses
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #isFailing = false
  #hasEnded = false

  /**
   * @param content What is to be written, asked each time.
   * @param onFailure Hears of the first failure after a success; it is tried again.
   */
  constructor(
    file: string,
    content: () => object,
    onFailure: (error: unknown) => void,
    pauses = STANDARD_PAUSES,
  ) {
    this.#file = file
    this.#content = content
    this.#onFailure = onFailure
    this.#pauses = pauses
  }

  /** Writes the file soon. */
  schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#begin()
    }, this.#pauses.debounceMs)
  }

  /** Writes what is still to be written, and waits for it; nothing is written later. */
  async flush(): Promise<void> {
    this.#hasEnded = true
    if (this.#timer !== undefined) this.#begin()
    await this.#writing
  }

  #begin(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(() => this.#write())
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    try {
      await replaceFile(this.#file, JSON.stringify(this.#content()), 0o600)
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing) this.#onFailure(error)
      this.#isFailing = true
      if (this.#hasEnded) return
      this.#timer ??= setTimeout(() => {
        this.#begin()
      }, this.#pauses.retryMs)
    }
  }
}
