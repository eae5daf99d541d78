import { open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import type { CurrentModel } from '../catalog/tags.ts'
import type { CurrentReleases } from '../releases/current-releases.ts'

const FORMAT = 1

/** Changes come in bursts; one file tells of all of them. */
const DEBOUNCE_MILLISECONDS = 500

/**
 * What tags point at, in a file beside the catalog: enough to answer polls where the catalog cannot be read
 * (`current.json`). It may be half a second behind; whole it always is.
 */
export class CurrentFile {
  readonly #file: string
  readonly #current: CurrentReleases
  readonly #onFailure: (error: unknown) => void
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(file: string, current: CurrentReleases, onFailure: (error: unknown) => void) {
    this.#file = file
    this.#current = current
    this.#onFailure = onFailure
  }

  /** Writes the file soon. */
  schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#writing = this.#writing.then(() => this.#write()).catch(this.#onFailure)
    }, DEBOUNCE_MILLISECONDS)
  }

  /** Writes what is still to be written, and waits for it. */
  async flush(): Promise<void> {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer)
      this.#timer = undefined
      this.#writing = this.#writing.then(() => this.#write()).catch(this.#onFailure)
    }
    await this.#writing
  }

  async #write(): Promise<void> {
    await writeDurably(this.#file, JSON.stringify({ format: FORMAT, models: this.#current.all() }))
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

/** Puts a file in place whole or not at all, and so that a power cut does not undo it. */
async function writeDurably(file: string, content: string): Promise<void> {
  const temporary = `${file}.new`
  const handle = await open(temporary, 'w', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
  const folder = await open(path.dirname(file), 'r')
  await folder.sync().finally(() => folder.close())
}
