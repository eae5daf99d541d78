import { expect } from 'chai'
import { CHANCE_LENGTH, tokenOf } from '../../../protocol/token-text.ts'
import { GuessLimit, type Source } from '../../../server/http/access/guess-limit.ts'
import { aClock } from '../../support/manual-clock.ts'

const here: Source = { address: '192.0.2.1', isShared: false }
const elsewhere: Source = { address: '192.0.2.2', isShared: false }

function guessed(limit: GuessLimit, source: Source, times: number, start = 0): void {
  for (let number = start; number < start + times; number++) limit.addWrong(source, `guess ${number}`)
}

describe('the limit on guesses', () => {
  it('locks an address out with the last guess that it has in a minute, and no other', () => {
    const limit = new GuessLimit(aClock(), 3)
    guessed(limit, here, 2)
    expect(limit.isLocked(here, 'x')).to.equal(false)
    guessed(limit, here, 1, 2)
    expect(limit.isLocked(here, 'x')).to.equal(true)
    expect(limit.isLocked(elsewhere, 'x')).to.equal(false)
  })

  it('lets it in again after a minute, with all its guesses', () => {
    const clock = aClock()
    const limit = new GuessLimit(clock, 3)
    guessed(limit, here, 3)
    clock.advance(59_999)
    expect(limit.isLocked(here, 'x')).to.equal(true)
    clock.advance(1)
    expect(limit.isLocked(here, 'x')).to.equal(false)
    guessed(limit, here, 2, 3)
    expect(limit.isLocked(here, 'x')).to.equal(false)
  })

  it('is quiet again a minute after the last guess, and not before', () => {
    const clock = aClock()
    const limit = new GuessLimit(clock, 3)
    expect(limit.isQuiet).to.equal(true)
    guessed(limit, here, 3)
    clock.advance(59_999)
    expect(limit.isQuiet).to.equal(false)
    clock.advance(1)
    expect(limit.isQuiet).to.equal(true)
  })

  it('keeps an address locked where the clock is set back to before the last guess of another one', () => {
    const clock = aClock()
    const limit = new GuessLimit(clock, 3)
    guessed(limit, here, 3)
    clock.advance(30_000)
    guessed(limit, elsewhere, 1)
    clock.advance(-10_000)
    expect(limit.isQuiet).to.equal(false)
    expect(limit.isLocked(here, 'x')).to.equal(true)
  })

  it('does not count guesses that are spread over minutes', () => {
    const clock = aClock()
    const limit = new GuessLimit(clock, 3)
    for (let minute = 0; minute < 10; minute++) {
      guessed(limit, here, 2, minute * 2)
      clock.advance(60_000)
    }
    expect(limit.isLocked(here, 'x')).to.equal(false)
  })

  it('locks nobody out for long where the clock is set back', () => {
    const clock = aClock()
    const limit = new GuessLimit(clock, 3)
    guessed(limit, here, 3)
    clock.advance(-3_600_000)
    expect(limit.isLocked(here, 'x')).to.equal(false)
  })

  it('forgets the oldest address of more than 10,000, so that memory stays bounded', () => {
    const limit = new GuessLimit(aClock(), 1)
    for (let number = 0; number <= 10_000; number++) {
      limit.addWrong({ address: `address ${number}`, isShared: false }, 'x')
    }
    expect(limit.isLocked({ address: 'address 0', isShared: false }, 'x')).to.equal(false)
    expect(limit.isLocked({ address: 'address 1', isShared: false }, 'x')).to.equal(true)
  })

  describe('behind a proxy that hides its clients', () => {
    const shared: Source = { address: '192.0.2.1', isShared: true }
    const right = tokenOf('A'.repeat(CHANCE_LENGTH))
    const guess = (number: number) => tokenOf(String(number).padStart(CHANCE_LENGTH, '0'))

    it('does not lock bots out where somebody guesses tokens that begin as all that a server makes', () => {
      const limit = new GuessLimit(aClock(), 3)
      limit.addRight(shared, right)
      for (let number = 0; number < 3; number++) limit.addWrong(shared, guess(number))
      expect(limit.isLocked(shared, guess(3))).to.equal(true)
      expect(limit.isLocked(shared, right)).to.equal(false)
    })

    it('locks guesses that begin as a token that was right', () => {
      const limit = new GuessLimit(aClock(), 3)
      limit.addRight(shared, right)
      for (let number = 0; number < 3; number++) limit.addWrong(shared, `${right.slice(0, 40)}${number}`)
      expect(limit.isLocked(shared, right)).to.equal(true)
    })
  })
})
