const QUOTE = 0x22
const BACKSLASH = 0x5c
const N = 0x4e
const I = 0x49

/** Python writes these where JSON has no word for them, and reads them back. */
const NOT_A_NUMBER = Buffer.from('NaN')
const INFINITY = Buffer.from('Infinity')

/**
 * How deep JSON is nested, without parsing it: `JSON.parse` itself takes millions of levels.
 *
 * On the way `NaN` and `Infinity` become 0, in place: Rasa's own `json.dumps` writes them, `JSON.parse`
 * takes offence, and no number is of interest.
 */
export function scanJson(bytes: Buffer): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]
    if (inString) {
      if (byte === BACKSLASH) index += 1
      else if (byte === QUOTE) inString = false
      continue
    }
    if (byte === QUOTE) inString = true
    else if (isOpening(byte)) deepest = Math.max(deepest, ++depth)
    else if (isClosing(byte)) depth -= 1
    else if (byte === N) zeroInPlaceOf(NOT_A_NUMBER, bytes, index)
    else if (byte === I) zeroInPlaceOf(INFINITY, bytes, index)
  }
  return deepest
}

function isOpening(byte: number | undefined): boolean {
  return byte === 0x5b || byte === 0x7b // [ {
}

function isClosing(byte: number | undefined): boolean {
  return byte === 0x5d || byte === 0x7d // ] }
}

function zeroInPlaceOf(word: Buffer, bytes: Buffer, start: number): void {
  const end = start + word.length
  if (bytes.subarray(start, end).equals(word)) bytes.fill(' ', start, end).fill('0', start, start + 1)
}
