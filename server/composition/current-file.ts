import { readFile } from 'node:fs/promises'
import { replaceFile } from '../../storage/filesystem/replace-file.ts'
import type { CurrentModel } from '../catalog/tags.ts'
import type { CurrentReleases } from '../releases/current-releases.ts'

const FORMAT = 1

/** How long a write waits, in milliseconds. */
export interface CurrentFilePauses {
  /** After a change: changes come in bursts, and one file tells of all of them. */
  debounceMs: number
  /** After a failure. */
  retryMs: number
}

const STANDARD_PAUSES: CurrentFilePauses = { debounceMs: 500, retryMs: 30_000 }

/**
 * What tags point at, in a file beside the catalog: enough to answer polls where the catalog cannot be read
 * (`current.json`). It may be half a second behind, longer only while the disk fails; whole it always is.
 */
export class CurrentFile {
  readonly #file: string
  readonly #current: CurrentReleases
  readonly #onFailure: (error: unknown) => void
  readonly #pauses: CurrentFilePauses
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #isFailing = false
  #hasEnded = false

  /** @param onFailure Hears of the first failure after a success; it is tried again. */
  constructor(
    file: string,
    current: CurrentReleases,
    onFailure: (error: unknown) => void,
    pauses = STANDARD_PAUSES,
  ) {
    this.#file = file
    this.#current = current
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
      const content = JSON.stringify({ format: FORMAT, models: this.#current.all() })
      await replaceFile(this.#file, content, 0o600)
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

/** Reads what was written last; undefined where there is nothing that can be used. */
export async function readCurrentFile(file: string): Promise<CurrentModel[] | undefined> {
  try {
    const content = JSON.parse(await readFile(file, 'utf8')) as { format: number; models: CurrentModel[] }
    return content.format === FORMAT ? content.models : undefined
  } catch {
    return undefined
  }
}
