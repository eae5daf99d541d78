import { expect } from 'chai'
import fc from 'fast-check'
import type { PollAnswer } from '../../../server/rollouts/poll-answer.ts'
import { decidePull, type PullConditions, type PullDecision } from '../../../server/http/pull/decide-pull.ts'
import { readIfNoneMatch } from '../../../server/http/pull/if-none-match.ts'
import { matchesStrongly } from '../../../server/http/pull/preconditions.ts'
import {
  combinations,
  describeCombination,
  DIGEST,
  expectedStatus,
  fieldsOf,
  PROCESS,
  SIZE,
} from './conditional-forms.ts'

const release = { number: 7, digest: DIGEST, size: SIZE, filename: 'x.tar.gz' }
const served: PollAnswer = { kind: 'serve', release }

function decide(
  headers: Record<string, string>,
  selection: PollAnswer = served,
  method: PullConditions['method'] = 'GET',
): PullDecision {
  const value = headers['if-none-match']
  const ifNoneMatch = value === undefined ? undefined : readIfNoneMatch(value)
  return decidePull(selection, { method, headers, ifNoneMatch })
}

describe('the decision on a pull', () => {
  it('is as RFC 9110 §13.2.2 orders, in every combination of forms', () => {
    const wrong: string[] = []
    let tried = 0
    for (const combination of combinations()) {
      tried += 1
      const expected = expectedStatus(combination)
      const { status } = decide(fieldsOf(combination), served, combination.method)
      if (status !== expected)
        wrong.push(`${describeCombination(combination)}: ${status}, expected ${expected}`)
    }
    expect(wrong).to.deep.equal([])
    expect(tried).to.equal(11 * 13 * 8 * 9 * 2)
  })

  const inSync = { 'if-none-match': `"${DIGEST}.${PROCESS}"` }
  const part = { range: 'bytes=0-9' }
  const table: [what: string, PollAnswer, headers: Record<string, string>, PullDecision][] = [
    ['a release that it has not', served, {}, { status: 200, release }],
    ['a release that it has', served, inSync, { status: 304, release }],
    ['a part of a release', served, part, { status: 206, start: 0, length: 10, release }],
    ['a part that is not there', served, { range: 'bytes=1000-' }, { status: 416, size: SIZE }],
    ['a release that it did not want', served, { 'if-match': '"x"' }, { status: 412 }],
    ['what it runs already, to keep', { kind: 'keep', release }, {}, { status: 304, release }],
    ['nothing yet', { kind: 'wait' }, inSync, { status: 204 }],
    [
      'nothing, as the server is busy',
      { kind: 'unavailable', reason: 'Later.' },
      inSync,
      { status: 503, reason: 'Later.' },
    ],
  ]
  for (const [what, selection, headers, expected] of table) {
    it(`is ${expected.status} where what was selected for a process is ${what}`, () => {
      expect(decide(headers, selection)).to.deep.equal(expected)
    })
  }

  for (const [field, value] of [
    ['if-modified-since', 'Fri, 01 Jan 2100 00:00:00 GMT'],
    ['if-unmodified-since', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['cache-control', 'no-cache'],
    ['pragma', 'no-cache'],
  ] as const) {
    it(`does not heed ${field}: an archive has no date, and 304 is for whoever has it`, () => {
      expect(decide({ [field]: value }).status).to.equal(200)
      expect(decide({ ...inSync, [field]: value }).status).to.equal(304)
    })
  }
})

describe('the decision on any pull whatever', () => {
  const tag = fc.constantFrom(
    `"${DIGEST}"`,
    `W/"${DIGEST}"`,
    DIGEST,
    `"${DIGEST}.${PROCESS}"`,
    '*',
    PROCESS,
    '"x"',
  )
  const field = fc.oneof(
    tag,
    fc.string(),
    fc.array(tag).map((tags) => tags.join(', ')),
  )
  const headers = fc.record(
    {
      'if-match': field,
      'if-none-match': field,
      'if-range': field,
      range: fc.oneof(
        fc.string(),
        fc.tuple(fc.nat(2 * SIZE), fc.nat(2 * SIZE)).map(([first, last]) => `bytes=${first}-${last}`),
        fc.nat(2 * SIZE).map((length) => `bytes=-${length}`),
      ),
    },
    { requiredKeys: [] },
  )
  const selection: fc.Arbitrary<PollAnswer> = fc.constantFrom<PollAnswer[]>(
    served,
    { kind: 'keep', release },
    { kind: 'wait' },
    { kind: 'unavailable', reason: 'Later.' },
  )

  it('is one of seven statuses, the same each time, and stays inside the archive', () => {
    fc.assert(
      fc.property(headers, selection, fc.constantFrom('GET', 'HEAD'), (fields, selected, method) => {
        const decision = decide(fields, selected, method)
        expect(decide(fields, selected, method)).to.deep.equal(decision)
        expect(decision.status).to.be.oneOf([200, 204, 206, 304, 412, 416, 503])
        if (decision.status !== 206) return
        expect(decision.start).to.be.at.least(0)
        expect(decision.length).to.be.at.least(1)
        expect(decision.start + decision.length).to.be.at.most(SIZE)
      }),
      { numRuns: 2_000 },
    )
  })

  it('sends no bytes where something else than a release was selected, whatever the fields say', () => {
    fc.assert(
      fc.property(headers, selection, (fields, selected) => {
        if (selected.kind === 'serve') return
        expect(decide(fields, selected).status).to.be.oneOf([204, 304, 503])
      }),
    )
  })

  it('is never a part for HEAD, and never depends on If-Range without Range', () => {
    fc.assert(
      fc.property(headers, (fields) => {
        expect(decide(fields, served, 'HEAD').status).to.be.oneOf([200, 304, 412])
        const { 'if-range': _, ...without } = fields
        if (fields.range === undefined) expect(decide(fields)).to.deep.equal(decide(without))
      }),
    )
  })
})

describe('If-Match where there is nothing yet', () => {
  for (const value of ['*', `"${DIGEST}"`, '']) {
    it(`fails as ${JSON.stringify(value)}`, () => {
      expect(matchesStrongly(value, undefined)).to.equal(false)
    })
  }
})
