import { z } from 'zod'

/** A variable of the server's environment. */
export interface Setting<Value> {
  /** Reads the text; its default is what `default` says in words. */
  schema: z.ZodType<Value, string | undefined>
  /** For people. */
  default: string
  description: string
  secret?: true
}

/** A variable whose value no log need hide; `standard` is its default in words. */
export function setting<Value>(
  schema: z.ZodType<Value, string | undefined>,
  standard: string,
  description: string,
): Setting<Value> {
  return { schema, default: standard, description }
}

/** `Authorization` carries nothing else, and a line end from a file is easily taken along. */
const TOKEN = /^[!-~]+$/

/** A variable whose value is never shown. */
export function secret(description: string): Setting<string | undefined> {
  const schema = z
    .string()
    .regex(
      TOKEN,
      'expected printable ASCII without blanks or line ends, as an Authorization header carries nothing else',
    )
    .optional()
  return { schema, default: 'not set', description, secret: true }
}

const SIZE = /^(\d+)\s*(B|KiB|MiB|GiB|TiB)?$/
const UNITS = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 }

/** Bytes, as a number or with a unit: `4GiB`. */
export const bytes = bytesFrom(1)

/** As {@link bytes}, or 0. */
export const bytesOrNone = bytesFrom(0)

function bytesFrom(least: number): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    const [, digits, unit = 'B'] = SIZE.exec(text) ?? []
    const value = Number(digits) * UNITS[unit as keyof typeof UNITS]
    if (digits !== undefined && Number.isSafeInteger(value) && value >= least) return value
    context.addIssue('expected a number of bytes, such as 4294967296 or 4GiB')
    return z.NEVER
  })
}

/** A whole number from 1. */
export const count = z.string().transform((text, context) => {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  context.addIssue('expected a whole number from 1')
  return z.NEVER
})

/**
 * A length of time, as a whole number from 1.
 *
 * @param most The longest that makes sense: timers beyond 2,147,483,647 ms fire at once.
 */
export const duration = (most: number, unit: 'seconds' | 'minutes' | 'days') =>
  z.string().transform((text, context) => {
    const value = /^[1-9]\d{0,14}$/.test(text) ? Number(text) : Infinity
    if (value <= most) return value
    context.addIssue(`expected a whole number of ${unit} from 1 to ${most}`)
    return z.NEVER
  })

/** A TCP port. */
export const port = z.string().transform((text, context) => {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text)
  context.addIssue('expected a port from 0 (any free one) to 65535')
  return z.NEVER
})

/** One of some words. */
export const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, { error: `expected one of ${values.join(', ')}` })
