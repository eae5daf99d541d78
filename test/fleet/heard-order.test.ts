import { expect } from 'chai'
import fc from 'fast-check'
import { HeardOrder } from '../../server/fleet/heard-order.ts'

describe('the order in which keys were heard', () => {
  it('has the longest silent first, whatever is put last and deleted', () => {
    const step = fc.record({ key: fc.integer({ min: 0, max: 4 }), isDeleted: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const order = new HeardOrder<number>()
        let expected: number[] = []
        for (const { key, isDeleted } of steps) {
          if (isDeleted) expect(order.delete(key)).to.equal(expected.includes(key))
          else order.putLast(key)
          expected = [...expected.filter((other) => other !== key), ...(isDeleted ? [] : [key])]
          expect([order.size, order.first]).to.deep.equal([expected.length, expected[0]])
        }
      }),
    )
  })
})
