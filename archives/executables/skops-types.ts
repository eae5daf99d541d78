import { inflateRawSync } from 'node:zlib'

/** What skops takes without being told to trust it (skops/io/_trusted_types.py): by the module of a type. */
const TRUSTED_MODULES = /^(?:numpy|scipy|sklearn)(?:\.|$)/
const TRUSTED_BUILTINS: ReadonlySet<string> = new Set([
  'bool',
  'bytearray',
  'bytes',
  'complex',
  'dict',
  'float',
  'int',
  'list',
  'range',
  'set',
  'slice',
  'str',
  'tuple',
  'type',
  'NoneType',
])
const TRUSTED_COLLECTIONS: ReadonlySet<string> = new Set(['OrderedDict', 'defaultdict'])

/** No schema of Rasa's is a tenth of that. */
const LONGEST_SCHEMA = 4 * 1024 * 1024

const LOCAL_HEADER = 0x04034b50
const LOCAL_HEADER_BYTES = 30
const DIRECTORY_HEADER = 0x02014b50
/** The sizes stand behind the data, or in 64 bits: the next header cannot be found. */
const HAS_DESCRIPTOR = 0x08
const IN_64_BITS = 0xffffffff

/** What a file of skops would have its reader trust; undefined where it cannot be told. */
export type UntrustedTypes = readonly string[] | undefined

/**
 * Reads which types a file of skops names (a zip with `schema.json`), as it streams by. It goes from header to header, as Python
 * writes them, and keeps nothing but the schema.
 */
export class SkopsTypes {
  #pending: Buffer = Buffer.alloc(0)
  /** Bytes of a member's data to pass over, or to keep. */
  #left = 0
  #schema: { method: number; parts: Buffer[] } | undefined
  #isKeeping = false
  /** Nothing more is looked at: the directory has begun, or nobody can tell what comes. */
  #isAtEnd = false
  /** Whether every member was seen. */
  #isWhole = false

  push(piece: Buffer): void {
    let rest = piece
    while (rest.length > 0 && !this.#isAtEnd)
      rest = this.#left > 0 ? this.#takeData(rest) : this.#takeHeader(rest)
  }

  /** To be called after the last byte. */
  untrusted(): UntrustedTypes {
    if (this.#schema === undefined || !this.#isWhole) return undefined
    try {
      const bytes = Buffer.concat(this.#schema.parts)
      const text =
        this.#schema.method === 0 ? bytes : inflateRawSync(bytes, { maxOutputLength: LONGEST_SCHEMA })
      return untrustedIn(JSON.parse(text.toString()))
    } catch {
      return undefined
    }
  }

  #takeData(bytes: Buffer): Buffer {
    const taken = bytes.subarray(0, this.#left)
    if (this.#isKeeping) this.#schema?.parts.push(Buffer.from(taken))
    this.#left -= taken.length
    return bytes.subarray(taken.length)
  }

  #takeHeader(bytes: Buffer): Buffer {
    const known = Buffer.concat([this.#pending, bytes])
    const signature = known.length < 4 ? undefined : known.readUInt32LE(0)
    if (signature === LOCAL_HEADER) return this.#takeLocalHeader(known)
    // The directory follows the last member; nothing else may stand where a member could.
    this.#pending = signature === undefined ? known : Buffer.alloc(0)
    this.#isAtEnd = signature !== undefined
    this.#isWhole = signature === DIRECTORY_HEADER
    return Buffer.alloc(0)
  }

  #takeLocalHeader(known: Buffer): Buffer {
    const isLong = known.length >= LOCAL_HEADER_BYTES
    const nameEnd = LOCAL_HEADER_BYTES + (isLong ? known.readUInt16LE(26) : 0)
    const length = nameEnd + (isLong ? known.readUInt16LE(28) : 0)
    this.#pending = known.length < length ? known : Buffer.alloc(0)
    if (known.length < length) return Buffer.alloc(0)
    this.#beginMember(known, known.toString('utf8', LOCAL_HEADER_BYTES, nameEnd))
    return known.subarray(length)
  }

  #beginMember(header: Buffer, name: string): void {
    const size = header.readUInt32LE(18)
    const isSchema = name === 'schema.json'
    const isKnown = (header.readUInt16LE(6) & HAS_DESCRIPTOR) === 0 && size !== IN_64_BITS
    // Of two schemas nobody knows which one a reader takes.
    this.#isAtEnd = !isKnown || (isSchema && this.#schema !== undefined)
    this.#left = size
    this.#isKeeping = isSchema && size <= LONGEST_SCHEMA
    if (this.#isKeeping) this.#schema = { method: header.readUInt16LE(8), parts: [] }
  }
}

/** The types anywhere in a schema that skops does not trust by itself, each once. */
function untrustedIn(schema: unknown): string[] {
  const found = new Set<string>()
  const waiting: unknown[] = [schema]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (typeof node !== 'object' || node === null) continue
    const { __module__: module, __class__: name } = node as Record<string, unknown>
    if (typeof name === 'string' && !isTrusted(String(module), name)) found.add(`${String(module)}.${name}`)
    waiting.push(...Object.values<unknown>(node as Record<string, unknown>))
  }
  return [...found].sort()
}

function isTrusted(module: string, name: string): boolean {
  if (module === 'builtins') return TRUSTED_BUILTINS.has(name)
  if (module === 'collections') return TRUSTED_COLLECTIONS.has(name)
  return TRUSTED_MODULES.test(module)
}
