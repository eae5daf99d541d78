import { constants } from 'node:fs'
import path from 'node:path'
import type { FileFacts, FileSystem, OpenFile } from '../../storage/filesystem/file-system.ts'

/**
 * A file system in memory that remembers what was flushed, and so knows every state that a power cut may leave:
 * of the entries made or removed in a folder since it was flushed, any subset is there; of the bytes written to
 * a file since it was flushed, none, half or all are.
 */
export class CrashFileSystem implements FileSystem {
  readonly #root: Folder
  readonly #flushes: boolean
  /** Called after every change. */
  onChange: () => void = () => undefined

  /** @param flushes false for a disk that says it flushed and did not, to see a test fail */
  constructor(root: Folder = new Folder(), flushes = true) {
    this.#root = root
    this.#flushes = flushes
  }

  /** Every file system that could be found after a power cut now. */
  *afterPowerCut(): Generator<CrashFileSystem> {
    for (const root of foldersAfterPowerCut(this.#root)) yield new CrashFileSystem(root)
  }

  open(at: string, flags: number): Promise<OpenFile> {
    return attempt(() => {
      const { folder, name } = this.#place(at)
      if ((flags & constants.O_CREAT) !== 0) {
        if (folder.entries.has(name)) throw systemError('EEXIST')
        this.#enter(folder, name, new File())
      }
      return this.#handle(this.#node(at))
    })
  }

  link(from: string, to: string): Promise<void> {
    return attempt(() => {
      const { folder, name } = this.#place(to)
      if (folder.entries.has(name)) throw systemError('EEXIST')
      this.#enter(folder, name, this.#node(from))
    })
  }

  rename(from: string, to: string): Promise<void> {
    return attempt(() => {
      const node = this.#node(from)
      const target = this.#place(to)
      const source = this.#place(from)
      this.#enter(target.folder, target.name, node)
      this.#enter(source.folder, source.name, undefined)
    })
  }

  unlink(at: string): Promise<void> {
    return attempt(() => {
      this.#node(at)
      const { folder, name } = this.#place(at)
      this.#enter(folder, name, undefined)
    })
  }

  mkdir(at: string): Promise<void> {
    return attempt(() => {
      const { folder, name } = this.#place(at)
      if (folder.entries.has(name)) throw systemError('EEXIST')
      this.#enter(folder, name, new Folder())
    })
  }

  lstat(at: string): Promise<FileFacts> {
    return attempt(() => factsOf(this.#node(at)))
  }

  readdir(at: string): ReturnType<FileSystem['readdir']> {
    return attempt(() => {
      const folder = this.#node(at)
      if (!(folder instanceof Folder)) throw systemError('ENOTDIR')
      return [...folder.entries].map(([name, node]) => ({
        name,
        isFile: () => node instanceof File,
        isDirectory: () => node instanceof Folder,
      }))
    })
  }

  #handle(node: File | Folder): OpenFile {
    const file = node instanceof File ? node : new File()
    return {
      read: (buffer, offset, length, position) =>
        attempt(() => {
          const part = file.bytes.subarray(position, position + length)
          buffer.set(part, offset)
          return { bytesRead: part.byteLength }
        }),
      write: (buffer, offset, length) =>
        attempt(() => {
          file.bytes = Buffer.concat([file.bytes, buffer.subarray(offset, offset + length)])
          this.onChange()
          return { bytesWritten: length }
        }),
      sync: () =>
        attempt(() => {
          if (this.#flushes) node.flush()
        }),
      chmod: () => Promise.resolve(),
      stat: () => attempt(() => factsOf(node)),
      close: () => Promise.resolve(),
    }
  }

  #enter(folder: Folder, name: string, node: File | Folder | undefined): void {
    folder.change(name, node)
    this.onChange()
  }

  #place(at: string): { folder: Folder; name: string } {
    const folder = this.#node(path.dirname(at))
    if (!(folder instanceof Folder)) throw systemError('ENOTDIR')
    return { folder, name: path.basename(at) }
  }

  #node(at: string): File | Folder {
    let node: File | Folder | undefined = this.#root
    for (const name of at.split('/').filter(Boolean)) {
      if (!(node instanceof Folder)) throw systemError('ENOTDIR')
      node = node.entries.get(name)
      if (!node) throw systemError('ENOENT')
    }
    return node
  }
}

type Entries = Map<string, File | Folder>

class File {
  bytes: Uint8Array = new Uint8Array()
  flushed: Uint8Array = new Uint8Array()

  flush(): void {
    this.flushed = this.bytes
  }
}

class Folder {
  entries: Entries = new Map()
  flushed: Entries = new Map()
  changes: { name: string; node: File | Folder | undefined }[] = []

  change(name: string, node: File | Folder | undefined): void {
    this.changes.push({ name, node })
    applyChange(this.entries, name, node)
  }

  flush(): void {
    this.flushed = new Map(this.entries)
    this.changes = []
  }
}

function applyChange(entries: Entries, name: string, node: File | Folder | undefined): void {
  if (node) entries.set(name, node)
  else entries.delete(name)
}

function* foldersAfterPowerCut(folder: Folder): Generator<Folder> {
  for (let subset = 0; subset < 2 ** folder.changes.length; subset += 1) {
    const entries: Entries = new Map(folder.flushed)
    folder.changes.forEach(({ name, node }, index) => {
      if ((subset & (1 << index)) !== 0) applyChange(entries, name, node)
    })
    for (const survivors of choices([...entries])) {
      const found = new Folder()
      found.entries = new Map(survivors)
      found.flush()
      yield found
    }
  }
}

/** Every combination of what became of each entry. */
function* choices(entries: [string, File | Folder][]): Generator<[string, File | Folder][]> {
  const [first, ...rest] = entries
  if (!first) {
    yield []
    return
  }
  const [name, node] = first
  const states = node instanceof Folder ? foldersAfterPowerCut(node) : filesAfterPowerCut(node)
  for (const state of states) for (const others of choices(rest)) yield [[name, state], ...others]
}

function* filesAfterPowerCut(file: File): Generator<File> {
  const half = file.bytes.subarray(0, Math.ceil(file.bytes.byteLength / 2))
  const variants = file.bytes === file.flushed ? [file.bytes] : [file.flushed, half, file.bytes]
  for (const bytes of variants) {
    const found = new File()
    found.bytes = bytes
    found.flush()
    yield found
  }
}

function factsOf(node: File | Folder): FileFacts {
  const size = node instanceof File ? node.bytes.byteLength : 0
  return { size: BigInt(size), mtimeNs: 0n, ino: 1n, isFile: () => node instanceof File }
}

function attempt<T>(work: () => T): Promise<T> {
  return Promise.resolve().then(work)
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}
