import { appendFileSync } from 'node:fs'
import { skipTest } from './skip-test.ts'

const { CI, LONG } = process.env

/** Whether what is long by nature is to take its time: `scripts/test --long`, and CI, also where it runs mocha itself. */
const IS_LONG = LONG === '1' || (LONG === undefined && CI === 'true')

/**
 * Chooses the form of a check that is long by nature: loops of kills, simulations, fuzzing.
 *
 * @param what The check, and what the short form does less: named at the end of a run of scripts/test.
 */
export function shortOrLong<Value>(what: string, forms: { short: Value; long: Value }): Value {
  if (IS_LONG) return forms.long
  const { TEST_SHORT_FORMS_FILE: file } = process.env
  if (file !== undefined) appendFileSync(file, `${what}\n`)
  return forms.short
}

/**
 * Leaves the running test, or from a `before` hook its whole suite, to the long form; it is named at the end of a run.
 *
 * @param why What of it the usual run has elsewhere.
 */
export function onlyInLongForm(context: Mocha.Context, why: string): void {
  if (!IS_LONG) skipTest(context, `long form: ${why}`)
}
