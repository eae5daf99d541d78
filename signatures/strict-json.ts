/** No bundle or statement is nested deeper. */
const DEEPEST = 32

/**
 * Parses JSON that two readers must not understand differently: of two members of one name, some take the first and
 * others the last (RFC 8259 §4).
 *
 * @throws SyntaxError where the bytes are not UTF-8 or not JSON, where an object has two members of one name, and where it
 *   is nested deeper than 32 levels.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decode(bytes)
  // First: in what is no JSON, TOKEN looks from each quote of a text without an end to the end of all.
  const value: unknown = JSON.parse(text)
  requireDistinctNames(text)
  return value
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new SyntaxError('it is not UTF-8', { cause })
  }
}

/** The strings and the punctuation of JSON; what is between them does not matter here. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs

/** What an open object or array has had so far. */
interface Level {
  /** Undefined in an array. */
  names: Set<string> | undefined
  /** Whether the next string is the name of a member. */
  atName: boolean
}

/** @param text JSON. */
function requireDistinctNames(text: string): void {
  const levels: Level[] = []
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1)
    if (token === '{') levels.push({ names: new Set(), atName: true })
    else if (token === '[') levels.push({ names: undefined, atName: false })
    else if (token === '}' || token === ']') levels.pop()
    else if (token === ',' && level?.names !== undefined) level.atName = true
    else if (token.startsWith('"') && level?.atName === true) addName(level, token)
    if (levels.length > DEEPEST) throw new SyntaxError(`it is nested deeper than ${DEEPEST} levels`)
  }
}

function addName(level: Level, token: string): void {
  const name = JSON.parse(token) as string
  if (level.names?.has(name) === true) throw new SyntaxError(`a member ${token.slice(0, 100)} is there twice`)
  level.names?.add(name)
  level.atName = false
}
