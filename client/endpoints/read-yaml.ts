import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml'
import type { Document, Node, Pair, Scalar } from 'yaml'
import { expandVariables, hasVariable } from './expand-variables.ts'
import type { Diagnostic, Located, YamlValue } from './located.ts'

/** A top-level block of a YAML file. */
export interface YamlBlock {
  /** Undefined where the file has no such block, or is no YAML. */
  block: Located | undefined
  diagnostics: Diagnostic[]
  /** Names of all blocks. */
  names: string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * A block holds no more values, its aliases written out: a few hundred bytes of aliases of aliases would stand for
 * billions.
 */
const MOST_VALUES = 10_000
/** One mistake often looks like many. */
const MOST_SYNTAX_ERRORS = 3
/** Each alias is looked up by a walk through the whole file. */
const MOST_ALIASES = 1_000
/** Nor is anything nested deeper; an alias to what it stands in would be endlessly deep. */
const DEEPEST = 50

/**
 * Reads one top-level block of a YAML 1.2 file, with merges, and with variables expanded where Rasa expands them:
 * in plain scalars. A quoted one with a variable in it is an error, since Rasa would send it as it stands. Other
 * blocks are for other programs, and may need variables that we do not have.
 */
export function readYamlBlock(text: string, name: string, environment: Environment): YamlBlock {
  const lines = new LineCounter()
  const document = parse(text, lines)
  if (document === undefined) {
    const diagnostics: Diagnostic[] = [{ severity: 'error', line: 1, message: 'this is nested too deeply' }]
    return { block: undefined, diagnostics, names: [] }
  }
  const diagnostics = document.errors.slice(0, MOST_SYNTAX_ERRORS).map(({ message, pos }): Diagnostic => ({
    severity: 'error',
    line: lines.linePos(pos[0]).line,
    message: `this is no YAML: ${message.split('\n')[0] ?? ''}`,
  }))
  const top = document.contents
  if (diagnostics.length > 0 || !isMap(top)) return { block: undefined, diagnostics, names: [] }
  const reader = new BlockReader(document, lines, environment, diagnostics)
  const pairs = top.items as Pair<Node, Node | null>[]
  const names = pairs.map(({ key }) => (isScalar(key) ? String(key.value) : ''))
  const pair = pairs.find((_, index) => names[index] === name)
  const block = pair === undefined ? undefined : reader.block(pair)
  return { block, diagnostics, names }
}

/** @returns undefined where the parser itself runs out of stack. */
function parse(text: string, lineCounter: LineCounter): ReturnType<typeof parseDocument> | undefined {
  try {
    return parseDocument(text, { lineCounter, merge: true })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

class BlockReader {
  readonly #document: Document
  readonly #lines: LineCounter
  readonly #environment: Environment
  readonly #diagnostics: Diagnostic[]
  /** Read so far. */
  #values = 0
  #aliases = 0

  constructor(document: Document, lines: LineCounter, environment: Environment, diagnostics: Diagnostic[]) {
    this.#document = document
    this.#lines = lines
    this.#environment = environment
    this.#diagnostics = diagnostics
  }

  lineOf(node: Node | null): number {
    return this.#lines.linePos(node?.range?.[0] ?? 0).line
  }

  /** Reads a block; undefined, and a diagnostic, where it holds too much. */
  block({ key, value }: Pair<Node, Node | null>): Located | undefined {
    try {
      return this.#read(value, this.lineOf(key), 0)
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error
      this.#diagnostics.push({ severity: 'error', line: error.line, message: error.message })
      return undefined
    }
  }

  #read(node: Node | null, line: number, depth: number): Located {
    if (node === null) return { value: null, line }
    const here = this.lineOf(node)
    this.#values += 1
    if (this.#values > MOST_VALUES)
      throw new TooMuch(
        here,
        `the block holds more than ${MOST_VALUES} values, its aliases (*name) written out`,
      )
    if (depth > DEEPEST)
      throw new TooMuch(
        here,
        `this is nested more than ${DEEPEST} levels deep, or an alias (*name) holds itself`,
      )
    if (isAlias(node)) {
      this.#aliases += 1
      if (this.#aliases > MOST_ALIASES)
        throw new TooMuch(here, `the block holds more than ${MOST_ALIASES} aliases (*name), written out`)
      return this.#read(node.resolve(this.#document) ?? null, here, depth + 1)
    }
    if (isSeq<Node>(node))
      return { value: node.items.map((item) => this.#read(item, here, depth + 1)), line: here }
    if (isMap<Node, Node | null>(node)) return { value: this.#mapping(node.items, here, depth), line: here }
    return { value: isScalar(node) ? this.#scalar(node, here) : null, line: here }
  }

  #mapping(items: Pair<Node, Node | null>[], line: number, depth: number): Map<string, Located> {
    const merged = new Map<string, Located>()
    const own = new Map<string, Located>()
    for (const { key, value } of items) {
      const keyLine = this.lineOf(key)
      const name = asText(this.#read(key, line, depth + 1).value)
      const found = this.#read(value, keyLine, depth + 1)
      if (!isMerge(key)) own.set(name, found)
      else for (const source of [found.value].flat()) mergeInto(merged, source)
    }
    // What stands in the mapping itself wins over what is merged into it.
    return new Map([...merged, ...own])
  }

  #scalar(node: Scalar, line: number): YamlValue {
    const { value } = node
    if (typeof value !== 'string') return isPlainValue(value) ? pythonNumber(node, value) : null
    if (!hasVariable(value)) return value
    if (node.type !== 'PLAIN') {
      const message = `Rasa expands variables only where nothing is quoted: write ${value} without quotes`
      this.#diagnostics.push({ severity: 'error', line, message })
      return value
    }
    const expansion = expandVariables(value, this.#environment)
    if ('text' in expansion) return expansion.text
    this.#diagnostics.push({ severity: 'error', line, message: expansion.mistake })
    return value
  }
}

/** A block is larger than any that is meant. */
class TooMuch extends Error {
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

function isMerge(key: Node): boolean {
  return isScalar(key) && (key.value === '<<' || typeof key.value === 'symbol')
}

function mergeInto(target: Map<string, Located>, source: YamlValue | Located): void {
  const value = source instanceof Map || !isLocated(source) ? source : source.value
  if (!(value instanceof Map)) return
  for (const [name, each] of value) if (!target.has(name)) target.set(name, each)
}

function isLocated(value: YamlValue | Located): value is Located {
  return typeof value === 'object' && value !== null && 'line' in value
}

function isPlainValue(value: unknown): value is number | boolean | null {
  return value === null || typeof value === 'number' || typeof value === 'boolean'
}

/** A YAML float is a float in Python even where it is whole, and is sent as one: `1.0`, not `1`. */
function pythonNumber(node: Scalar, value: number | boolean | null): YamlValue {
  const isWholeFloat =
    typeof value === 'number' && Number.isInteger(value) && /^[-+\d]*[.eE]/.test(node.source ?? '')
  return isWholeFloat ? `${value}.0` : value
}

/** A key of a mapping; one that is itself a mapping or a list names nothing that Rasa knows. */
function asText(value: YamlValue): string {
  return typeof value === 'object' ? '' : value.toString()
}
