import type { z } from 'zod'
import { isName, NAME_RULE } from '../../../protocol/names.ts'
import { RequestError } from '../reply/request-error.ts'
import type { PathParameters } from './endpoint.ts'

/** What an address names, checked; parameters that a path does not have are never asked for. @throws RequestError */
export function readParameters(raw: Record<string, string | string[]>): PathParameters {
  const given = raw as Record<string, string>
  const { model = '', tag = '', number = '1', other = '1' } = given
  const { bot = '', id = '', token = '', publisher = '', delivery = '' } = given
  for (const name of [model, tag, token, publisher]) {
    if (name !== '' && !isName(name))
      throw new RequestError('invalid-name', `"${name}" is not a name: ${NAME_RULE}.`)
  }
  if (![number, other].every((text) => /^[1-9]\d{0,14}$/.test(text))) {
    throw new RequestError('invalid-parameter', 'A release is named by its number: 1, 2, 3 …')
  }
  return { model, tag, number: Number(number), other: Number(other), bot, id, token, publisher, delivery }
}

/** Reads a query or a body by its schema. @throws RequestError that names every mistake */
export function parse(
  schema: z.ZodType,
  value: unknown,
  code: 'invalid-parameter' | 'invalid-body',
  where: string,
): unknown {
  const result = schema.safeParse(value)
  if (result.success) {
    refuseDroppedKey(value, result.data, code, where)
    return result.data
  }
  const mistakes = result.error.issues.map(
    ({ path, message }) =>
      `${placeOf(where, path)}: ${message.replace('received undefined', 'but it is missing')}`,
  )
  throw new RequestError(code, mistakes.join('; '))
}

/** How people find a value: `policy.steps, entry 2` is the second one of that list. */
function placeOf(where: string, path: readonly PropertyKey[]): string {
  const [first, ...others] = path
  if (first === undefined) return where
  return others.reduce<string>(
    (place, each) => (typeof each === 'number' ? `${place}, entry ${each + 1}` : `${place}.${String(each)}`),
    String(first),
  )
}

/**
 * JSON may have a key `__proto__`, which zod drops of records without a word: a condition that is written so would be no
 * condition. Objects of known fields refuse it by themselves.
 */
function refuseDroppedKey(
  sent: unknown,
  read: unknown,
  code: 'invalid-parameter' | 'invalid-body',
  where: string,
): void {
  if (!isObject(sent) || !isObject(read)) return
  if (Object.hasOwn(sent, '__proto__') && !Object.hasOwn(read, '__proto__'))
    throw new RequestError(code, `${where}: Unrecognized key: "__proto__"`)
  for (const [key, value] of Object.entries(sent)) refuseDroppedKey(value, read[key], code, `${where}.${key}`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
