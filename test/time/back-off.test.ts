import { expect } from 'chai'
import { BackOff } from '../../server/time/back-off.ts'

describe('BackOff', () => {
  let now: number
  let backOff: BackOff

  beforeEach(() => {
    now = 0
    backOff = new BackOff(10, 35, () => now)
  })

  it('holds what failed until its time has come, and nothing else', () => {
    backOff.fail('a')
    expect([backOff.isTooEarly('a'), backOff.isTooEarly('b')]).to.deep.equal([true, false])
    now = 9
    expect(backOff.isTooEarly('a')).to.equal(true)
    now = 10
    expect(backOff.isTooEarly('a')).to.equal(false)
  })

  it('holds twice as long each time, up to the longest', () => {
    expect([1, 2, 3, 4].map(() => backOff.fail('a'))).to.deep.equal([10, 20, 35, 35])
  })

  it('begins anew after a success', () => {
    backOff.fail('a')
    backOff.fail('a')
    backOff.forget('a')
    expect(backOff.isTooEarly('a')).to.equal(false)
    expect(backOff.fail('a')).to.equal(10)
  })

  it('begins anew where nothing was tried for long', () => {
    backOff.fail('a')
    now = 50
    backOff.fail('b')
    expect(backOff.fail('a')).to.equal(10)
  })

  it('tells when the first of all may be tried again', () => {
    expect(backOff.nextInMs).to.equal(undefined)
    backOff.fail('a')
    backOff.fail('a')
    backOff.fail('b')
    now = 4
    expect(backOff.nextInMs).to.equal(6)
    now = 12
    expect(backOff.nextInMs).to.equal(8)
    now = 40
    expect(backOff.nextInMs).to.equal(undefined)
  })
})
