import { constants } from 'node:fs'
import path from 'node:path'
import { systemCode } from './file-error.ts'
import type { FileSystem } from './file-system.ts'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'

/** Folders under a root, made when needed, whose entries survive a power cut. */
export class FolderTree {
  readonly root: string
  readonly #fileSystem: FileSystem
  /** Folders whose entry in their parent is known to be on the disk. */
  readonly #durable = new Set<string>()
  /** For what must not be done twice at once about one path. */
  readonly mutex = new KeyedMutex()

  constructor(root: string, fileSystem: FileSystem) {
    this.root = root
    this.#fileSystem = fileSystem
  }

  /**
   * Makes a folder at or under the root, with its parents. Folders that were there are flushed too, once: whoever
   * made them may have been killed before doing so.
   */
  async make(folder: string): Promise<void> {
    const parent = path.dirname(folder)
    if (folder === parent || this.#durable.has(folder)) return
    await this.make(parent)
    try {
      await this.#fileSystem.mkdir(folder).catch((error: unknown) => {
        if (systemCode(error) !== 'EEXIST') throw error
      })
      await this.sync(parent)
    } catch (error) {
      // What lies above the root is the administrator's, and may be closed to us; if it is not there, the next
      // folder cannot be made, and says so.
      const isAbove = this.root.startsWith(folder) && folder !== this.root
      const isParentAbove = folder === this.root && (await this.#isFolder(folder))
      if (!(isAbove || isParentAbove) || !closedToUs.includes(systemCode(error) ?? '')) throw error
    }
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

  async #isFolder(folder: string): Promise<boolean> {
    try {
      const handle = await this.#fileSystem.open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
      await handle.close()
      return true
    } catch {
      return false
    }
  }
}

const closedToUs = ['EACCES', 'EPERM', 'EROFS']
