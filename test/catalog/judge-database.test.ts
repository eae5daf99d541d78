import { expect } from 'chai'
import { refusalOf, type DatabaseFacts } from '../../server/catalog/postgres/judge-database.ts'

describe('a database that is to keep a catalog', () => {
  const GOOD: DatabaseFacts = {
    version: 140_000,
    versionText: '14.0',
    encoding: 'UTF8',
    schema: 'public',
    isStandby: false,
    isReadOnly: false,
  }

  it('is good from PostgreSQL 14 on', () => {
    expect(refusalOf(GOOD)).to.equal(undefined)
    expect(refusalOf({ ...GOOD, version: 190_001, versionText: '19.1' })).to.equal(undefined)
  })

  const cases: [string, Partial<DatabaseFacts>, string][] = [
    [
      'too old',
      { version: 130_022, versionText: '13.22' },
      'PostgreSQL 13.22 is too old; use PostgreSQL 14 or later',
    ],
    ['a standby', { isStandby: true }, 'name the primary'],
    ['read-only', { isReadOnly: true }, 'make it writable'],
    ['of another alphabet', { encoding: 'LATIN1' }, 'createdb --encoding=UTF8'],
    ['without a schema', { schema: null }, 'change search_path'],
  ]
  for (const [what, facts, sentence] of cases)
    it(`is refused where it is ${what}, and told what to do`, () => {
      expect(refusalOf({ ...GOOD, ...facts })).to.contain(sentence)
    })
})
