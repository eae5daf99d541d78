import { escapeUnsafe } from '../../../protocol/shown-text.ts'

/**
 * A line of the log as a terminal may show it: control characters of C1 and format characters, which JSON leaves as
 * they are, become escapes. For the `streamWrite` hook of pino.
 */
export function safeLogLine(line: string): string {
  return `${escapeUnsafe(line.trimEnd())}\n`
}
