import { expect } from 'chai'
import { clockJump } from '../../server/time/clock-jump.ts'
import { DAY } from '../upkeep/upkeep-support.ts'

describe('clockJump', () => {
  const at = (wall: number, monotonic: number) => ({ wall, monotonic })

  it('tells a clock that was set from time that passed', () => {
    expect(clockJump(at(0, 0), at(10_000, 10_000))).to.equal(0)
    expect(clockJump(at(0, 0), at(12_000, 10_000))).to.equal(0)
    expect(clockJump(at(0, 0), at(DAY, 10_000))).to.equal(DAY - 10_000)
    expect(clockJump(at(DAY, 0), at(0, 10_000))).to.equal(-DAY - 10_000)
  })
})
