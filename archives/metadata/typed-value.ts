import { ArchiveRefused } from '../archive-refused.ts'

/** Longer names are cut: a model's name is no place for a novel. */
const LONGEST_TEXT = 200

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Text that may be stored and shown: well-formed and cut. */
export function boundedText(text: string): string {
  return (text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text).toWellFormed()
}

/** Reads the values of an object out of an archive, which may be of any type whatever. */
export class TypedValues {
  readonly #values: Record<string, unknown>
  readonly #member: string

  /** @param member the file it stands in, for messages */
  constructor(values: Record<string, unknown>, member: string) {
    this.#values = values
    this.#member = member
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  /** Whether the key is there, be it with null. */
  hasKey(key: string): boolean {
    return Object.hasOwn(this.#values, key)
  }

  /** The value; `undefined` for null too, which Python writes for what there is not. */
  get(key: string): unknown {
    return Object.hasOwn(this.#values, key) ? (this.#values[key] ?? undefined) : undefined
  }

  /** @throws ArchiveRefused where there is something other than text */
  text(key: string): string | undefined {
    const value = this.get(key)
    if (value === undefined) return undefined
    if (typeof value !== 'string') throw this.wrong(key, 'text')
    return boundedText(value)
  }

  /** @throws ArchiveRefused where there is something other than an object */
  record(key: string): Record<string, unknown> | undefined {
    const value = this.get(key)
    if (value === undefined) return undefined
    if (!isRecord(value)) throw this.wrong(key, 'an object')
    return value
  }

  wrong(key: string, expected: string): ArchiveRefused {
    return new ArchiveRefused(
      'archive-metadata-invalid',
      `"${key}" in ${this.#member} is not ${expected}, as rasa train writes it`,
      { member: this.#member, key },
    )
  }
}
