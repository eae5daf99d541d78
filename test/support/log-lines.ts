import { pino, type Logger } from 'pino'
import { keepOutput } from './secrets-in-output.ts'

/** A line of the server's log. */
export type LogLine = Record<string, unknown> & { level: number; msg: string }

/** A logger that keeps what is logged, down to debug. */
export function keptLog(): { logger: Logger; lines: LogLine[]; text: () => string } {
  const lines: LogLine[] = []
  const raw: string[] = []
  const logger = pino(
    { level: 'debug', base: null },
    {
      write: (line: string) => {
        raw.push(line)
        keepOutput(line)
        lines.push(JSON.parse(line) as LogLine)
      },
    },
  )
  return { logger, lines, text: () => raw.join('') }
}

/** A logger whose lines are searched for the secrets of the test, and shown to nobody. */
export function searchedLog(): Logger {
  return pino({ level: 'info', base: null }, { write: keepOutput })
}
