import { isRecord } from '../metadata/typed-value.ts'

/** Characters of one definition; whoever wrote a longer one knows where to find it. */
const LONGEST = 2000

/**
 * A definition as people wrote it, more or less: a JSON value in the layout of YAML, with the keys of each object in the
 * order of the alphabet, so that two of them can be compared line by line. It is for reading, and cut.
 */
export function definitionText(value: unknown): string {
  const text = linesOf(value).join('\n')
  return (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text).toWellFormed()
}

function linesOf(value: unknown): string[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((each) => nested('- ', linesOf(each)))
  if (!isRecord(value) || Object.keys(value).length === 0) return scalar(value)
  return Object.keys(value)
    .sort()
    .flatMap((key) => member(key, value[key]))
}

function member(key: string, value: unknown): string[] {
  const isNested = (Array.isArray(value) || isRecord(value)) && Object.keys(value).length > 0
  const lines = linesOf(value)
  if (isNested) return [`${key}:`, ...lines.map((line) => `  ${line}`)]
  return nested(`${key}: `, lines)
}

/** The first line behind a mark, the others below it. */
function nested(mark: string, [first = '', ...others]: string[]): string[] {
  return [`${mark}${first}`, ...others.map((line) => `${' '.repeat(mark.length)}${line}`)]
}

function scalar(value: unknown): string[] {
  if (typeof value === 'string') return value.split(/\r?\n/)
  return [value === undefined ? '' : JSON.stringify(value)]
}
