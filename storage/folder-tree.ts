import { constants } from 'node:fs'
import path from 'node:path'
import { systemCode } from './file-error.ts'
import type { FileSystem } from './file-system.ts'

/** Folders under a root, made when needed, whose entries survive a power cut. */
export class FolderTree {
  readonly root: string
  readonly #fileSystem: FileSystem
  /** Folders whose entry in their parent is known to be on the disk. */
  readonly #durable = new Set<string>()
  readonly #busy = new Map<string, Promise<unknown>>()

  constructor(root: string, fileSystem: FileSystem) {
    this.root = root
    this.#fileSystem = fileSystem
  }

  /**
   * Makes a folder at or under the root, with its parents. A folder that was there is flushed too: whoever made
   * it may have been killed before doing so.
   */
  async make(folder: string): Promise<void> {
    if (this.#durable.has(folder)) return
    const parent = path.dirname(folder)
    if (folder !== this.root) await this.make(parent)
    await this.#makeOne(folder)
    // What lies above the root is the administrator's, and may be closed to us.
    if (folder === this.root) await this.sync(parent).catch(ignoreNoAccess)
    else await this.sync(parent)
    this.#durable.add(folder)
  }

  /** Flushes the entries of a folder to the disk. */
  async sync(folder: string): Promise<void> {
    const handle = await this.#fileSystem.open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
    try {
      await handle.sync()
    } catch (error) {
      // Some network and FUSE file systems cannot flush a folder; they keep entries at once or promise nothing.
      if (!['EINVAL', 'ENOTSUP', 'ENOSYS'].includes(systemCode(error) ?? '')) throw error
    } finally {
      await handle.close()
    }
  }

  /** To be called where a folder made earlier was not there: somebody removed it behind our back. */
  forget(): void {
    this.#durable.clear()
  }

  /** Does `work` after whatever else is being done alone about the same path. */
  async alone<T>(at: string, work: () => Promise<T>): Promise<T> {
    const before = this.#busy.get(at)
    const done = (before ?? Promise.resolve()).then(work, work)
    this.#busy.set(at, done)
    try {
      return await done
    } finally {
      if (this.#busy.get(at) === done) this.#busy.delete(at)
    }
  }

  async #makeOne(folder: string): Promise<void> {
    try {
      await this.#fileSystem.mkdir(folder)
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return
      if (systemCode(error) !== 'ENOENT' || folder === path.dirname(folder)) throw error
      await this.#makeOne(path.dirname(folder))
      await this.#makeOne(folder)
      await this.sync(path.dirname(folder)).catch(ignoreNoAccess)
    }
  }
}

function ignoreNoAccess(error: unknown): void {
  if (!['EACCES', 'EPERM'].includes(systemCode(error) ?? '')) throw error
}
