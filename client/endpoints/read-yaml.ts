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
 * Reads one top-level block of a YAML 1.2 file, with merges, and with variables expanded where Rasa expands them:
 * in plain scalars. A quoted one with a variable in it is an error, since Rasa would send it as it stands. Other
 * blocks are for other programs, and may need variables that we do not have.
 */
export function readYamlBlock(text: string, name: string, environment: Environment): YamlBlock {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, merge: true })
  const diagnostics = document.errors.map(({ message, pos }): Diagnostic => ({
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
  const block = pair === undefined ? undefined : reader.read(pair.value, reader.lineOf(pair.key))
  return { block, diagnostics, names }
}

class BlockReader {
  readonly #document: Document
  readonly #lines: LineCounter
  readonly #environment: Environment
  readonly #diagnostics: Diagnostic[]

  constructor(document: Document, lines: LineCounter, environment: Environment, diagnostics: Diagnostic[]) {
    this.#document = document
    this.#lines = lines
    this.#environment = environment
    this.#diagnostics = diagnostics
  }

  lineOf(node: Node | null): number {
    return this.#lines.linePos(node?.range?.[0] ?? 0).line
  }

  read(node: Node | null, line: number): Located {
    if (node === null) return { value: null, line }
    const here = this.lineOf(node)
    if (isAlias(node)) return this.read(node.resolve(this.#document) ?? null, here)
    if (isSeq<Node>(node)) return { value: node.items.map((item) => this.read(item, here)), line: here }
    if (isMap<Node, Node | null>(node)) return { value: this.#mapping(node.items, here), line: here }
    return { value: isScalar(node) ? this.#scalar(node, here) : null, line: here }
  }

  #mapping(items: Pair<Node, Node | null>[], line: number): Map<string, Located> {
    const merged = new Map<string, Located>()
    const own = new Map<string, Located>()
    for (const { key, value } of items) {
      const keyLine = this.lineOf(key)
      const name = asText(this.read(key, line).value)
      const found = this.read(value, keyLine)
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
