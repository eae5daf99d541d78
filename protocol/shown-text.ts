/**
 * What may hide, reorder or recolour what a person reads on a terminal or in a log: control characters (C0, DEL, C1),
 * format characters (bidirectional overrides, zero width), line and paragraph separators, lone surrogates.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** UTF-16 units that are shown at most, where nothing else is said. */
const LONGEST = 500

/**
 * A text from elsewhere as it may stand in a message, a table or a log line: on one line, without what could steer a
 * terminal, cut to `longest` UTF-16 units.
 */
export function shownText(text: string, longest = LONGEST): string {
  const isCut = text.length > longest
  // Half a character at the cut is left out.
  const start = isCut ? text.slice(0, longest).replace(/[\ud800-\udbff]$/, '') : text
  const printable = start.replace(UNSAFE, '\ufffd')
  return isCut ? `${printable}…` : printable
}

/**
 * A value as one line of JSON that may be printed to a terminal: what {@link shownText} replaces is written as an
 * escape here, so that nothing is lost.
 */
export function jsonLine(value: unknown): string {
  return escapeUnsafe(JSON.stringify(value))
}

/** JSON with every unsafe character as an escape (RFC 8259 §7). */
export function escapeUnsafe(json: string): string {
  return json.replace(UNSAFE, (character) =>
    // Beyond the first plane a character is two units, and two escapes.
    Array.from({ length: character.length }, (_, index) => escapeUnit(character.charCodeAt(index))).join(''),
  )
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}
