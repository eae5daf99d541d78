import { pino, type Logger } from 'pino'

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
        lines.push(JSON.parse(line) as LogLine)
      },
    },
  )
  return { logger, lines, text: () => raw.join('') }
}
