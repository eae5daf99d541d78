import { expect } from 'chai'
import { evaluatePreconditions, matchesStrongly } from '../../../server/http/pull/preconditions.ts'
import { evaluateRange } from '../../../server/http/pull/range.ts'
import {
  combinations,
  describeCombination,
  DIGEST,
  expectedStatus,
  fieldsOf,
  SIZE,
  type Combination,
} from './conditional-forms.ts'

function decide(combination: Combination): number {
  const fields = fieldsOf(combination)
  const precondition = evaluatePreconditions(fields, DIGEST)
  if (precondition !== 'proceed') return precondition === 'failed' ? 412 : 304
  const range = combination.method === 'HEAD' ? { kind: 'whole' } : evaluateRange(fields, DIGEST, SIZE)
  return { whole: 200, part: 206, unsatisfiable: 416 }[range.kind] ?? 0
}

describe('preconditions and ranges together', () => {
  it('decide as RFC 9110 §13.2.2 orders, in every combination of forms', () => {
    const wrong: string[] = []
    let tried = 0
    for (const combination of combinations()) {
      tried += 1
      const expected = expectedStatus(combination)
      const status = decide(combination)
      if (status !== expected)
        wrong.push(`${describeCombination(combination)}: ${status}, expected ${expected}`)
    }
    expect(wrong).to.deep.equal([])
    expect(tried).to.equal(11 * 13 * 8 * 9 * 2)
  })

  for (const [field, value] of [
    ['if-modified-since', 'Fri, 01 Jan 2100 00:00:00 GMT'],
    ['if-unmodified-since', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['cache-control', 'no-cache'],
    ['pragma', 'no-cache'],
  ] as const) {
    it(`do not heed ${field}: an archive has no date, and 304 is for whoever has it`, () => {
      const held = { 'if-none-match': `"${DIGEST}"`, [field]: value }
      expect(evaluatePreconditions({ [field]: value }, DIGEST)).to.equal('proceed')
      expect(evaluatePreconditions(held, DIGEST)).to.equal('not-modified')
    })
  }
})

describe('If-Match where there is nothing yet', () => {
  for (const value of ['*', `"${DIGEST}"`, '']) {
    it(`fails as ${JSON.stringify(value)}`, () => {
      expect(matchesStrongly(value, undefined)).to.equal(false)
    })
  }
})
