import { hash } from 'node:crypto'
import { isRecord } from './typed-value.ts'

/** Hex digits: two different definitions look alike once in four thousand million times. */
const LENGTH = 8

/** A short digest of a JSON value that does not depend on the order of its keys. */
export function digestOfDefinition(value: unknown): string {
  return hash('sha256', canonicalJson(value), 'hex').slice(0, LENGTH)
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    isRecord(each) ? Object.fromEntries(Object.entries(each).sort(byKey)) : each,
  )
}

function byKey([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1
}
