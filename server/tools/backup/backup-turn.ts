import { ObjectChanged, ObjectNotFound, type ObjectStore } from '../../../storage/object-store.ts'
import { readObject } from '../../../storage/read-object.ts'
import { ToolFailure } from '../tool-failure.ts'

/** Names the copy of the catalog whose backup is the last one: small enough to be swapped, which manifests are not. */
const TURN_NAME = 'turn'

/**
 * Lets one of several backups into one place at the same time through, and tells the others. Two that took no notice of each
 * other would each prune archives that the other one has just begun to name.
 */
export class BackupTurn {
  readonly #store: ObjectStore
  readonly #key: string
  #version: string | null

  private constructor(store: ObjectStore, key: string, version: string | null) {
    this.#store = store
    this.#key = key
    this.#version = version
  }

  /** To be called before anything is looked at that the backup depends on. */
  static async begin(store: ObjectStore, prefix: string): Promise<BackupTurn> {
    const key = `${prefix}${TURN_NAME}`
    return new BackupTurn(store, key, (await store.stat(key))?.version ?? null)
  }

  /**
   * Makes this the last backup, unless another one became it since {@link begin}.
   *
   * @param copy The name of its copy of the catalog.
   * @throws ToolFailure
   */
  async take(copy: string): Promise<void> {
    try {
      this.#version = await this.#store.swap(this.#key, Buffer.from(copy), this.#version)
    } catch (error) {
      if (!(error instanceof ObjectChanged)) throw error
      // The answer to an attempt that won may have been lost.
      const last = await this.#read()
      if (last?.copy !== copy) throw this.#lost()
      this.#version = last.version
    }
  }

  /** @throws ToolFailure where another backup became the last one since {@link take}. */
  async confirm(): Promise<void> {
    if ((await this.#store.stat(this.#key))?.version !== this.#version) throw this.#lost()
  }

  async #read(): Promise<{ copy: string; version: string } | undefined> {
    try {
      const { bytes, version } = await readObject(this.#store, this.#key)
      return { copy: bytes.toString(), version }
    } catch (error) {
      if (error instanceof ObjectNotFound) return undefined
      throw error
    }
  }

  #lost(): ToolFailure {
    return new ToolFailure(
      3,
      `Another backup went to ${this.#store.description} at the same time. One of them is whole and nothing was removed; take this one again.`,
    )
  }
}
