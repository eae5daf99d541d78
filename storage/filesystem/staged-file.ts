import path from 'node:path'
import { fileChunks } from './file-chunks.ts'
import { inStoreWords, meansNoFile, systemCode, toStoreError } from './file-error.ts'
import { requireFileKey } from './file-key.ts'
import type { FileSystem, OpenFile } from './file-system.ts'
import type { FolderTree } from './folder-tree.ts'
import { writeWhole } from './write-whole.ts'
import type { CommitOptions, StagedObject } from '../object-store.ts'
import { StoreFailed, StoreFull } from '../object-store.ts'

/** An object being written to a file beside the objects; see {@link StagedObject} for what it promises. */
export class StagedFile implements StagedObject {
  size = 0
  readonly #path: string
  readonly #file: OpenFile
  readonly #fileSystem: FileSystem
  readonly #folders: FolderTree
  readonly #onEnd: () => void
  #flushed = false
  /** Set once the medium failed: what the kernel could not flush it forgets, so a second fsync would lie. */
  #failure: Error | undefined
  /** The target that this very file was linked to by an earlier commit that could not finish. */
  #linkedTo: string | undefined
  #isOpen = true
  #isThere = true

  /** @param onEnd called once, when the file is no longer this object's concern */
  constructor(at: string, file: OpenFile, fileSystem: FileSystem, folders: FolderTree, onEnd: () => void) {
    this.#path = at
    this.#file = file
    this.#fileSystem = fileSystem
    this.#folders = folders
    this.#onEnd = onEnd
  }

  async write(chunk: Uint8Array): Promise<void> {
    await writeWhole(this.#file, chunk, this.#path)
    this.size += chunk.byteLength
  }

  read(): AsyncIterable<Uint8Array> {
    return fileChunks(this.#file, { start: 0, length: this.size }, this.#path)
  }

  async commit(key: string, { ifExists, signal }: CommitOptions): Promise<'created' | 'exists'> {
    requireFileKey(key)
    signal?.throwIfAborted()
    const target = path.join(this.#folders.root, key)
    await this.flush()
    const outcome = await inStoreWords(this.#publish(target, ifExists), `committing ${this.#path}`)
    // Where the key was taken too: whoever won may not have come as far as flushing the entry.
    await inStoreWords(this.#folders.sync(path.dirname(target)), `flushing ${this.#path}`)
    if (outcome === 'created') await this.discard()
    return outcome
  }

  async discard(): Promise<void> {
    if (this.#isOpen) {
      this.#isOpen = false
      await this.#file.close().catch(() => undefined)
    }
    if (!this.#isThere) return
    this.#isThere = false
    // A leftover costs space until the next sweep; the commit before it stands all the same.
    await this.#fileSystem.unlink(this.#path).catch(() => undefined)
    this.#onEnd()
  }

  /** Makes the bytes durable, under no name yet; nothing can be written afterwards. Safe to call twice. */
  async flush(): Promise<void> {
    if (this.#failure) throw this.#failure
    if (this.#flushed) return
    await inStoreWords(this.#file.chmod(0o400), `committing ${this.#path}`)
    try {
      await this.#file.sync()
    } catch (error) {
      const translated = toStoreError(error, `flushing ${this.#path}`)
      this.#failure =
        translated instanceof StoreFull
          ? translated
          : new StoreFailed(`${this.#path} could not be flushed to the disk: check the volume and its log`, {
              cause: error,
            })
      throw this.#failure
    }
    this.#flushed = true
  }

  async #publish(target: string, ifExists: 'keep' | 'replace'): Promise<'created' | 'exists'> {
    await this.#folders.make(path.dirname(target))
    try {
      return await this.#publishIn(target, ifExists)
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error
      this.#folders.forget()
      await this.#folders.make(path.dirname(target))
      return await this.#publishIn(target, ifExists)
    }
  }

  async #publishIn(target: string, ifExists: 'keep' | 'replace'): Promise<'created' | 'exists'> {
    if (this.#linkedTo === target) return 'created'
    if (ifExists === 'replace') {
      await this.#renameTo(target)
      this.#isThere = false
      this.#onEnd()
    } else {
      try {
        // link(2) fails where the name is taken: the one create-once that a local file system has.
        await this.#fileSystem.link(this.#path, target)
      } catch (error) {
        const code = systemCode(error)
        if (code === 'EEXIST') return 'exists'
        if (!code || !noHardLinks.includes(code)) throw error
        return await this.#folders.mutex.run(target, () => this.#renameWhereNothingIs(target))
      }
    }
    this.#linkedTo = target
    return 'created'
  }

  /** A folder that somebody put there is in the way of a file, and is no object: it is moved to where we stage. */
  async #renameTo(target: string): Promise<void> {
    try {
      await this.#fileSystem.rename(this.#path, target)
    } catch (error) {
      if (!['EISDIR', 'EEXIST', 'ENOTEMPTY'].includes(systemCode(error) ?? '')) throw error
      await this.#fileSystem.rename(target, `${this.#path}.in-the-way`)
      await this.#fileSystem.rename(this.#path, target)
    }
  }

  /** Create-once for SMB and exFAT: safe among the writers of one process, which is all that a store has. */
  async #renameWhereNothingIs(target: string): Promise<'created' | 'exists'> {
    try {
      await this.#fileSystem.lstat(target)
      return 'exists'
    } catch (error) {
      if (!meansNoFile(error)) throw error
      return await this.#publishIn(target, 'replace')
    }
  }
}

const noHardLinks = ['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK']
