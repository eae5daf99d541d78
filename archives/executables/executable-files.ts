import { shownName } from '../shown-name.ts'
import type { TarMember } from '../tar/tar-reader.ts'
import {
  EXECUTABLE_FORMATS,
  executableFormatOf,
  HEAD_BYTES,
  type ExecutableFormat,
} from './executable-format.ts'
import { SkopsTypes } from './skops-types.ts'

/** Files of an archive that can run code when a bot loads them, of one format. */
export interface ExecutableFiles {
  format: ExecutableFormat
  files: number
  /** The first of them. */
  first: string[]
  /** Of `skops`: what its reader would have to be told to trust; absent where that could not be told. */
  types?: string[]
}

/** So many files and types are named of each format. */
const MOST_NAMED = 5
const MOST_TYPES = 20

/** Finds the files of an archive that can run code, as their bytes stream by. What it finds is advice: a format can be hidden. */
export class ExecutableFinder {
  readonly #found = new Map<ExecutableFormat, ExecutableFiles>()

  /** What is to see the content of a member; nothing for folders and empty files. */
  look({ path, kind, size }: TarMember): ((content: Buffer) => void) | undefined {
    if (kind !== 'file' || size === 0) return undefined
    return path.endsWith('.skops') ? this.#lookAtSkops(path, size) : this.#lookAtFile(path, size)
  }

  /** What was found, by format; undefined where nothing was. */
  get found(): ExecutableFiles[] | undefined {
    const found = EXECUTABLE_FORMATS.flatMap((format) => this.#found.get(format) ?? [])
    return found.length === 0 ? undefined : found
  }

  #lookAtFile(path: string, size: number): (content: Buffer) => void {
    const head = Buffer.alloc(Math.min(HEAD_BYTES, size))
    let length = 0
    return (piece) => {
      if (length < head.length) piece.copy(head, length)
      length += piece.length
      if (length < size) return
      const format = executableFormatOf(path, head, piece.at(-1) ?? 0)
      if (format !== undefined) this.#add(format, path)
    }
  }

  #lookAtSkops(path: string, size: number): (content: Buffer) => void {
    const reader = new SkopsTypes()
    let left = size
    return (piece) => {
      reader.push(piece)
      left -= piece.length
      if (left > 0) return
      const types = reader.untrusted()
      if (types === undefined || types.length > 0) this.#add('skops', path, types)
    }
  }

  #add(format: ExecutableFormat, path: string, types: readonly string[] = []): void {
    const before = this.#found.get(format)
    const named = [...(before?.types ?? []), ...types.map(shownName)]
    this.#found.set(format, {
      format,
      files: (before?.files ?? 0) + 1,
      first: [...(before?.first ?? []), shownName(path)].slice(0, MOST_NAMED),
      ...(named.length === 0 ? {} : { types: [...new Set(named)].slice(0, MOST_TYPES) }),
    })
  }
}

/** In one sentence, what can run code. */
export function describeExecutables(found: readonly ExecutableFiles[]): string {
  const kinds = found.map(({ format, files, first, types }) => {
    const named = types === undefined ? '' : ` for ${types.slice(0, 3).join(', ')}`
    return `${format}${named} (${first[0] ?? ''}${files > 1 ? ` and ${files - 1} more` : ''})`
  })
  return `a bot that loads the archive runs what its maker put into it: ${kinds.join('; ')}. Load it only where you trust its maker`
}
