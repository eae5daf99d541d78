import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import path from 'node:path'
import { fileChunks } from './file-chunks.ts'
import { meansNoFile, systemCode, toStoreError } from './file-error.ts'
import { isFileKey, stagingFolder } from './file-key.ts'
import type { FileFacts, FileSystem, OpenFile } from './file-system.ts'
import { machineFileSystem } from './file-system.ts'
import { fileVersion } from './file-version.ts'
import { FolderTree } from './folder-tree.ts'
import type { ObjectStat, ObjectStore, OpenObject, OpenOptions } from '../object-store.ts'
import { requireObjectKey } from '../object-key.ts'
import {
  ObjectChanged,
  ObjectNotFound,
  requireSwapSize,
  StoreFailed,
  StoreMisconfigured,
} from '../object-store.ts'
import { replaceObject } from '../replace-object.ts'
import { StagedFile } from './staged-file.ts'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'

const probeBytes = Buffer.from('Slipway asks whether this disk takes what it is given.\n')

/** Objects as read-only files under a folder, each at the path that its key spells. */
export class FilesystemStore implements ObjectStore {
  readonly description: string
  readonly #root: string
  readonly #staging: string
  readonly #fileSystem: FileSystem
  readonly #folders: FolderTree
  /** Names of the staging files that this process still writes. */
  readonly #inUse = new Set<string>()
  readonly #swaps = new KeyedMutex()

  /**
   * @param root the folder, made when needed; nothing else writes in it
   * @param fileSystem another one than this machine's, for tests of what disks do wrong
   */
  constructor(root: string, fileSystem: FileSystem = machineFileSystem) {
    this.#root = path.resolve(root)
    this.#staging = path.join(this.#root, stagingFolder)
    this.#fileSystem = fileSystem
    this.#folders = new FolderTree(this.#root, fileSystem)
    this.description = `filesystem ${this.#root}`
  }

  async probe(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    try {
      const staged = await this.stage()
      try {
        await staged.write(probeBytes)
        await staged.flush()
      } finally {
        await staged.discard()
      }
    } catch (error) {
      const code = systemCode(error) ?? (error instanceof Error ? systemCode(error.cause) : undefined)
      if (!code || !['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT', 'ELOOP'].includes(code))
        throw error
      throw new StoreMisconfigured(
        `the folder ${this.#root} cannot be written to (${code}): check that it is a folder, its owner and its mode, or choose another`,
        { cause: error },
      )
    }
  }

  async stage(): Promise<StagedFile> {
    const name = randomUUID()
    const at = path.join(this.#staging, name)
    // Noted first: a sweep that runs at this moment must not take the file.
    this.#inUse.add(name)
    try {
      const file = await this.#create(at)
      return new StagedFile(at, file, this.#fileSystem, this.#folders, () => this.#inUse.delete(name))
    } catch (error) {
      this.#inUse.delete(name)
      throw toStoreError(error, `making ${at}`)
    }
  }

  async open(key: string, options: OpenOptions = {}): Promise<OpenObject> {
    options.signal?.throwIfAborted()
    const file = await this.#openFile(key)
    try {
      const facts = await file.stat({ bigint: true })
      if (!facts.isFile()) throw new ObjectNotFound(key)
      const stat = toObjectStat(key, facts)
      if (options.ifVersion !== undefined && options.ifVersion !== stat.version) throw new ObjectChanged(key)
      const range = options.range ?? { start: 0, length: stat.size }
      let isOpen = true
      const close = async (): Promise<void> => {
        if (!isOpen) return
        isOpen = false
        await chunks.return()
        await file.close()
      }
      const requireSame = async (): Promise<void> => {
        await requireVersion(file, stat)
      }
      const chunks = fileChunks(file, range, `the object "${key}"`, options.signal, requireSame)
      return { ...stat, chunks, close }
    } catch (error) {
      await file.close()
      throw toStoreError(error, `opening "${key}"`)
    }
  }

  async stat(key: string, signal?: AbortSignal): Promise<ObjectStat | undefined> {
    signal?.throwIfAborted()
    if (!isFileKey(key)) return undefined
    try {
      const facts = await this.#fileSystem.lstat(path.join(this.#root, key))
      return facts.isFile() ? toObjectStat(key, facts) : undefined
    } catch (error) {
      if (meansNoFile(error)) return undefined
      throw toStoreError(error, `looking at "${key}"`)
    }
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<ObjectStat, void, undefined> {
    // Everything that matches lies in the folder that the prefix names up to its last slash.
    yield* this.#listFolder(prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix, signal)
  }

  /** One winner among the writers of this process: a folder has no other (nothing else writes in it). */
  async swap(key: string, bytes: Uint8Array, expected: string | null, signal?: AbortSignal): Promise<string> {
    requireObjectKey(key)
    requireSwapSize(bytes)
    return await this.#swaps.run(key, async () => {
      signal?.throwIfAborted()
      if (((await this.stat(key))?.version ?? null) !== expected) throw new ObjectChanged(key)
      await replaceObject(this, key, bytes)
      const written = await this.stat(key)
      if (written === undefined) throw new ObjectChanged(key)
      return written.version
    })
  }

  async delete(key: string): Promise<void> {
    if (!(await this.stat(key))) return
    try {
      // Not flushed: an object that comes back after a power cut is one that nothing points at any more.
      await this.#fileSystem.unlink(path.join(this.#root, key))
    } catch (error) {
      if (!meansNoFile(error)) throw toStoreError(error, `deleting "${key}"`)
    }
  }

  async sweep(signal?: AbortSignal): Promise<number> {
    let swept = 0
    for (const entry of await this.#entries(this.#staging)) {
      signal?.throwIfAborted()
      const { name } = entry
      // A folder is none of ours: it stood in the way of an object.
      if (this.#inUse.has(name) || entry.isDirectory()) continue
      await this.#fileSystem.unlink(path.join(this.#staging, name))
      swept += 1
    }
    return swept
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #create(at: string): Promise<OpenFile> {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    await this.#folders.make(this.#staging)
    try {
      return await this.#fileSystem.open(at, flags, 0o600)
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error
      this.#folders.forget()
      await this.#folders.make(this.#staging)
      return await this.#fileSystem.open(at, flags, 0o600)
    }
  }

  async #openFile(key: string): Promise<OpenFile> {
    if (!isFileKey(key)) throw new ObjectNotFound(key)
    try {
      // O_NONBLOCK: opening a FIFO that somebody put there must not wait for its writer.
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
      return await this.#fileSystem.open(path.join(this.#root, key), flags)
    } catch (error) {
      if (meansNoFile(error)) throw new ObjectNotFound(key)
      throw toStoreError(error, `opening "${key}"`)
    }
  }

  async *#listFolder(
    folder: string,
    prefix: string,
    signal?: AbortSignal,
  ): AsyncGenerator<ObjectStat, void, undefined> {
    for (const entry of await this.#entries(path.join(this.#root, folder))) {
      signal?.throwIfAborted()
      const key = folder + entry.name
      if (entry.isDirectory() && key !== stagingFolder && overlaps(`${key}/`, prefix)) {
        yield* this.#listFolder(`${key}/`, prefix, signal)
      } else if (entry.isFile() && key.startsWith(prefix)) {
        const found = await this.stat(key)
        if (found) yield found
      }
    }
  }

  async #entries(folder: string): ReturnType<FileSystem['readdir']> {
    try {
      return await this.#fileSystem.readdir(folder)
    } catch (error) {
      if (meansNoFile(error)) return []
      throw toStoreError(error, `listing ${folder}`)
    }
  }
}

/**
 * That no other program wrote to an open file since: it may have been found sound before, so that nobody hashes what is read now. One
 * that was replaced or deleted stays as it is for those that have it open.
 *
 * @throws StoreFailed
 */
async function requireVersion(file: OpenFile, { key, version }: ObjectStat): Promise<void> {
  const facts = await file.stat({ bigint: true }).catch((error: unknown) => {
    throw toStoreError(error, `looking at "${key}"`)
  })
  if (fileVersion(facts) === version) return
  throw new StoreFailed(`the object "${key}" was written to while it was read`)
}

function overlaps(folder: string, prefix: string): boolean {
  return folder.startsWith(prefix) || prefix.startsWith(folder)
}

function toObjectStat(key: string, facts: FileFacts): ObjectStat {
  return {
    key,
    size: Number(facts.size),
    version: fileVersion(facts),
    modifiedAt: Number(facts.mtimeNs / 1_000_000n),
  }
}
