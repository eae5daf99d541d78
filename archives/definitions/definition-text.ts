import { isRecord } from '../metadata/typed-value.ts'

/** Characters of one definition; whoever wrote a longer one knows where to find it. */
const LONGEST = 2000

/**
 * A definition as people wrote it, more or less: a JSON value in the layout of YAML, with the keys of each object in the
 * order of the alphabet, so that two of them can be compared line by line. It is for reading, and cut.
 */
export function definitionText(value: unknown): string {
  let text: string | undefined
  for (const line of linesOf(value)) {
    text = text === undefined ? line : `${text}\n${line}`
    // A megabyte of metadata has a million lines, none of which but the first are shown.
    if (text.length > LONGEST) return `${text.slice(0, LONGEST - 1)}…`.toWellFormed()
  }
  return text?.toWellFormed() ?? ''
}

/** @param first What the first line begins with. @param rest What all others begin with. */
function* linesOf(value: unknown, first = '', rest = ''): Generator<string> {
  let start = first
  if (Array.isArray(value) && value.length > 0) {
    for (const each of value) {
      yield* linesOf(each, `${start}- `, `${rest}  `)
      start = rest
    }
  } else if (isRecord(value) && Object.keys(value).length > 0) {
    for (const key of Object.keys(value).sort()) {
      yield* member(key, value[key], start, rest)
      start = rest
    }
  } else yield* scalar(value, first, rest)
}

function* member(key: string, value: unknown, first: string, rest: string): Generator<string> {
  const isNested = (Array.isArray(value) || isRecord(value)) && Object.keys(value).length > 0
  if (isNested) {
    yield `${first}${key}:`
    yield* linesOf(value, `${rest}  `, `${rest}  `)
  } else yield* scalar(value, `${first}${key}: `, `${rest}${' '.repeat(key.length + 2)}`)
}

function* scalar(value: unknown, first: string, rest: string): Generator<string> {
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
  for (const [index, line] of text.split(/\r?\n/).entries()) yield `${index === 0 ? first : rest}${line}`
}
