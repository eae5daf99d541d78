import { expect } from 'chai'
import fc from 'fast-check'
import { SortedKeys } from '../../server/fleet/sorted-keys.ts'
import { anyCharacter } from '../support/any-character.ts'

/** Enough of them for several blocks. */
const keys = fc.uniqueArray(fc.string({ maxLength: 4, unit: anyCharacter }), {
  maxLength: 3_000,
  size: 'max',
})

describe('SortedKeys', () => {
  it('gives what was added and not removed, in order, behind any key', () => {
    fc.assert(
      fc.property(
        keys,
        fc.func(fc.boolean()),
        fc.string({ maxLength: 4, unit: anyCharacter }),
        (added, isRemoved, after) => {
          const sorted = new SortedKeys()
          for (const key of added) sorted.add(key)
          const removed = added.filter((key) => isRemoved(key))
          for (const key of [...removed, ...removed]) sorted.remove(key)
          const kept = new Set(added)
          for (const key of removed) kept.delete(key)
          // The order of UTF-8 is that of code points (RFC 3629 §1).
          const byBytes = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other))
          const expected = [...kept].filter((key) => byBytes(key, after) > 0).sort(byBytes)
          expect(sorted.after(after, Infinity)).to.deep.equal(expected)
          expect(sorted.after(after, 5)).to.deep.equal(expected.slice(0, 5))
        },
      ),
      { numRuns: 20 },
    )
  })

  it('takes keys in order, and others between them afterwards', () => {
    const sorted = new SortedKeys()
    const names = Array.from({ length: 2_000 }, (_, n) => n.toString().padStart(4, '0'))
    const isEven = (_: string, n: number) => n % 2 === 0
    for (const name of names.filter(isEven)) sorted.add(name)
    for (const name of names.filter((name, n) => !isEven(name, n))) sorted.add(name)
    expect(sorted.after('', Infinity)).to.deep.equal(names)
    for (const name of names.slice(0, 1_999)) sorted.remove(name)
    sorted.add('1998')
    expect(sorted.after('', Infinity)).to.deep.equal(['1998', '1999'])
  })

  it('takes 100,000 keys in any order without going through those that are there', () => {
    const sorted = new SortedKeys()
    const names = Array.from({ length: 100_000 }, (_, n) => ((n * 7_919) % 100_003).toString(16))
    for (const name of names) sorted.add(name)
    for (const name of names.slice(0, 99_990)) sorted.remove(name)
    expect(sorted.after('', 100)).to.deep.equal(names.slice(99_990).sort())
  })
})
