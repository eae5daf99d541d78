import { ArchiveRefused } from '../archive-refused.ts'
import { readPaxRecords } from './pax-records.ts'
import type { PaxRecords } from './pax-records.ts'
import type { TarHeader } from './tar-header.ts'

/** A path has 1,024 bytes at most, and Rasa's times take a line each. */
const LONGEST = 64 * 1024

const KINDS: Readonly<Record<string, string>> = {
  x: 'a PAX header',
  g: 'a global PAX header',
  L: 'a GNU long name',
  K: 'a GNU long link name',
}

/** What the headers in front of a header say about the member to come: PAX (`x`, `g`), GNU (`L`, `K`). */
export class ExtendedHeaders {
  readonly #pending = new Set<string>()
  #pax: PaxRecords = {}
  #longName: Buffer | undefined

  static is(type: string): boolean {
    return Object.hasOwn(KINDS, type)
  }

  /**
   * Starts on such a header; returns what its content is to be given to.
   *
   * @throws ArchiveRefused where it is too long, or there has been one of its kind for the same member
   */
  begin({ type, size }: TarHeader): (content: Buffer) => void {
    const kind = KINDS[type] ?? type
    if (size > LONGEST) throw malformed(`has ${kind} of ${size} bytes; at most ${LONGEST} are taken`)
    if (size === 0) throw malformed(`has ${kind} without content`)
    if (this.#pending.has(type)) throw malformed(`has ${kind} twice for one member`)
    if (type !== 'g') this.#pending.add(type)
    const content = Buffer.alloc(size)
    let length = 0
    return (piece) => {
      length += piece.copy(content, length)
      if (length === size) this.#finish(type, content)
    }
  }

  /** The header with what was said in front of it. */
  applyTo(header: TarHeader): { path: Buffer; size: number } {
    const { path, size } = this.#pax
    if (this.#longName && path && !this.#longName.equals(path)) {
      throw malformed('gives one member two long names')
    }
    // A size beyond what octal digits hold is left at zero in the header itself.
    if (size !== undefined && header.size !== 0 && header.size !== size) {
      throw malformed(`gives one member two sizes, ${header.size} and ${size}`)
    }
    const applied = { path: path ?? this.#longName ?? header.path, size: size ?? header.size }
    this.#pending.clear()
    this.#pax = {}
    this.#longName = undefined
    return applied
  }

  /** @throws ArchiveRefused where the archive ends though a member was announced */
  expectNone(): void {
    const [type] = this.#pending
    if (type !== undefined) throw malformed(`has ${KINDS[type] ?? type} that no member follows`)
  }

  #finish(type: string, content: Buffer): void {
    if (type === 'L') this.#longName = withoutEndingNul(content)
    if (type === 'K') withoutEndingNul(content)
    if (type === 'x') this.#pax = readPaxRecords(content, 'x')
    if (type === 'g') readPaxRecords(content, 'g')
  }
}

function withoutEndingNul(content: Buffer): Buffer {
  const nul = content.indexOf(0)
  const name = nul < 0 ? content : content.subarray(0, nul)
  if (name.length === 0) throw malformed('has an empty GNU long name')
  if (nul >= 0 && content.subarray(nul).some((byte) => byte !== 0)) {
    throw new ArchiveRefused('archive-invalid-path', 'a GNU long name has a NUL in its middle')
  }
  return name
}

function malformed(what: string): ArchiveRefused {
  return new ArchiveRefused('archive-malformed-tar', `the tar archive ${what}`)
}
