import { shownText } from '../../../protocol/shown-text.ts'
import type { Finding } from '../../doctor/finding.ts'
import { wouldWork } from '../../doctor/present-finding.ts'

const WORDS: Readonly<Record<Finding['level'], string>> = {
  ok: 'ok     ',
  warning: 'warning',
  error: 'ERROR  ',
}

/** Longer than everything that a finding says of itself; what came from elsewhere is cut. */
const LONGEST = 1000
const INDENT = ' '.repeat(9)

/** A finding as lines for a terminal: what was seen, then what to do. */
export function describeFinding({ level, code, message, remedy, settings = {} }: Finding): string[] {
  const first = code === undefined ? message : `${code}: ${message}`
  const lines = [`${WORDS[level]}  ${shownText(first, LONGEST)}`]
  if (remedy !== undefined) lines.push(`${INDENT}${remedy}`)
  for (const [proxy, setting] of Object.entries(settings)) lines.push(`${INDENT}  ${proxy}: ${setting}`)
  return lines
}

/** The last line: whether a bot would work. */
export function describeOutcome(findings: readonly Finding[]): string {
  const errors = findings.filter(({ level }) => level === 'error').length
  const warnings = findings.filter(({ level }) => level === 'warning').length
  const hint = warnings === 0 ? '' : `, with ${count(warnings, 'warning')}`
  if (errors === 0) return `A Rasa bot works here${hint}.`
  if (wouldWork(findings))
    return `A Rasa bot works here${hint}; publishing does not. docs/doctor.md says more of it.`
  return `A Rasa bot would not work here: ${count(errors, 'error')}${hint}. docs/doctor.md says more of each.`
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}
