import { expect } from 'chai'
import { matchesPattern } from '../../signatures/identity-pattern.ts'

const timedOut = () => Object.assign(new Error('timed out'), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' })

describe('the pattern of an identity', () => {
  it('matches all of it', () => {
    expect(matchesPattern('https://ci/.*', 'https://ci/train')).to.equal(true)
    expect(matchesPattern('https://ci', 'https://ci/train')).to.equal(false)
    expect(matchesPattern('ci|evil', 'https://ci')).to.equal(false)
  })

  it('matches also where the machine had no processor for it in its time', () => {
    const results = [timedOut, timedOut, () => true]
    const test = () => {
      const result = results.shift()!()
      if (result instanceof Error) throw result
      return result
    }
    expect(matchesPattern('.*', 'https://ci', test)).to.equal(true)
  })

  it('does not match where it comes to no end, nor where it never gets a processor', () => {
    expect(matchesPattern('(a+)+', `${'a'.repeat(64)}!`)).to.equal(false)
    let attempts = 0
    const test = () => {
      attempts++
      throw timedOut()
    }
    expect(matchesPattern('.*', 'https://ci', test)).to.equal(false)
    expect(attempts).to.be.within(2, 100)
  })
})
