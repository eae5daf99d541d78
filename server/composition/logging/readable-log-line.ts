import { styleText } from 'node:util'
import { shownText } from '../../../protocol/shown-text.ts'

/** Pino's levels that stand out, and how. */
const LEVELS: Readonly<Record<number, { name: string; style: 'dim' | 'yellow' | 'red' | 'none' }>> = {
  10: { name: 'trace', style: 'dim' },
  20: { name: 'debug', style: 'dim' },
  30: { name: 'info', style: 'none' },
  40: { name: 'warn', style: 'yellow' },
  50: { name: 'error', style: 'red' },
  60: { name: 'fatal', style: 'red' },
}

/** Fields of a request that its sentence has in another form, or that are for machines. */
const OF_REQUESTS = ['method', 'path', 'status', 'milliseconds', 'request', 'digest', 'event']

const LONGEST_VALUE = 300

/**
 * A line of the log as a person reads it on a terminal: when, what, then what else there is to know. For the `streamWrite`
 * hook of pino. Colours are those of the terminal that standard output is; none with NO_COLOR.
 *
 * @param line JSON, as pino writes it.
 */
export function readableLogLine(line: string): string {
  const { level, time, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>
  const { name, style } = LEVELS[Number(level)] ?? { name: 'info', style: 'none' as const }
  const isRequest = msg === 'request'
  const sentence = isRequest ? describeRequest(fields) : shown(msg).replaceAll('_', ' ')
  const rest = Object.entries(fields)
    .filter(([key]) => !isRequest || !OF_REQUESTS.includes(key))
    .map(([key, value]) => describeField(key, value))
  const error = describeError(err)
  const text = [name.padEnd(5), sentence, ...rest, ...(error === undefined ? [] : [error])].join(' ')
  const clock = styleText('dim', `${shown(time).slice(11, 19)}Z`, { stream: process.stdout })
  return `${clock} ${style === 'none' ? text : styleText(style, text, { stream: process.stdout })}\n`
}

/** `PUT /api/v1/models/shop/tags/production 200 in 12 ms`. */
function describeRequest({ method, path, status, milliseconds }: Record<string, unknown>): string {
  return `${shown(method)} ${shown(path)} ${shown(status)} in ${shown(milliseconds)} ms`
}

function describeField(key: string, value: unknown): string {
  const text = shown(value)
  return `${key}=${/[\s"=]/.test(text) || text === '' ? JSON.stringify(text) : text}`
}

function describeError(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { message, stack } = error as { message?: unknown; stack?: unknown }
  const calls = typeof stack === 'string' ? stack.split('\n').slice(1) : []
  return [`error=${JSON.stringify(shown(message))}`, ...calls.map((call) => shown(call))].join('\n')
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) as string | undefined)
  return shownText(text ?? '', LONGEST_VALUE)
}
