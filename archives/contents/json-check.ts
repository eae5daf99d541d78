import type { ContentCheck } from './content-check.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])
/** What a value begins with that is neither list nor object: `"`, `-`, digits, true, false, null, NaN, Infinity. */
const SCALAR = /^["\-\dtfnNI]$/

/** Deeper than Python's json reads. */
const DEEPEST = 1000

/** Beyond this a file is taken as it is: looking at every byte takes the time of others. */
const LOOKED_AT = 64 * 1024 * 1024

/**
 * Whether a file is a whole JSON value as far as its brackets and quotes tell, which those of a cut one never do.
 * Nothing is kept but the brackets that are open.
 */
export class JsonCheck implements ContentCheck {
  readonly #closers: number[] = []
  #state: 'before' | 'within' | 'string' | 'scalar' | 'after' | 'damaged' = 'before'
  #escaped = false
  #length = 0

  push(piece: Buffer): void {
    if (this.#length < LOOKED_AT) for (const byte of piece) this.#take(byte)
    this.#length += piece.length
  }

  damage(): string | undefined {
    if (this.#length === 0) return 'is empty'
    if (this.#length >= LOOKED_AT || this.#state === 'after' || this.#state === 'scalar') return undefined
    return this.#state === 'damaged' || this.#state === 'before' ? 'is no JSON' : 'is cut'
  }

  #take(byte: number): void {
    if (this.#state === 'string') this.#takeInString(byte)
    else if (this.#state === 'within') this.#takeWithin(byte)
    else if (this.#state === 'before') this.#takeFirst(byte)
    else if (this.#state === 'after' && !BLANKS.has(byte)) this.#state = 'damaged'
  }

  #takeFirst(byte: number): void {
    if (BLANKS.has(byte)) return
    if (isOpening(byte)) {
      this.#state = 'within'
      this.#closers.push(byte + 2)
    } else {
      this.#state = SCALAR.test(String.fromCharCode(byte)) ? 'scalar' : 'damaged'
    }
  }

  #takeWithin(byte: number): void {
    if (byte === QUOTE) {
      this.#state = 'string'
    } else if (isOpening(byte)) {
      this.#closers.push(byte + 2)
      if (this.#closers.length > DEEPEST) this.#state = 'damaged'
    } else if (byte === 0x5d || byte === 0x7d) {
      if (this.#closers.pop() !== byte) this.#state = 'damaged'
      else if (this.#closers.length === 0) this.#state = 'after'
    }
  }

  #takeInString(byte: number): void {
    if (this.#escaped) this.#escaped = false
    else if (byte === BACKSLASH) this.#escaped = true
    else if (byte === QUOTE) this.#state = 'within'
  }
}

/** `[` and `{`, whose closing brackets come two places later in ASCII. */
function isOpening(byte: number): boolean {
  return byte === 0x5b || byte === 0x7b
}
