import { expect } from 'chai'
import { botNameOf, isInstanceName } from '../../server/fleet/bot-name.ts'
import { countsAsEvidence } from '../../server/fleet/evidence.ts'
import { countIndependent } from '../../server/fleet/independence.ts'
import { learnedInterval, rememberGap } from '../../server/fleet/learned-interval.ts'
import { readHints } from '../../server/fleet/read-hints.ts'
import { OLD, processName } from './facts.ts'

describe('the name of a bot', () => {
  it('is its instance, else the name of its token, else its address', () => {
    expect(botNameOf({ instance: 'pod-1', token: 'shop', address: '10.0.0.1' })).to.equal('pod-1')
    expect(botNameOf({ instance: null, token: 'shop', address: '10.0.0.1' })).to.equal('shop')
    expect(botNameOf({ instance: null, token: null, address: '10.0.0.1' })).to.equal('10.0.0.1')
  })

  it('is 1 to 128 printable characters', () => {
    for (const name of ['a', 'pod 1', 'Büro-Köln', '店', 'x'.repeat(128)])
      expect(isInstanceName(name), name).to.be.true
    for (const name of ['', ' ', 'x'.repeat(129), 'a\nb', 'a\u0000', 'a\u202eb', 'a\u2028b', '\ud800']) {
      expect(isInstanceName(name), JSON.stringify(name)).to.be.false
    }
  })
})

describe('learnedInterval', () => {
  it('is the median of the last five gaps', () => {
    const gaps = [1, 90, 100, 101, 99, 300].reduce<readonly number[]>(
      (all, s) => rememberGap(all, s * 1000),
      [],
    )
    expect(gaps).to.deep.equal([90_000, 100_000, 101_000, 99_000, 300_000])
    expect(learnedInterval(gaps)).to.equal(100_000)
  })

  it('is not known before the first gap, and learns nothing from what comes at once', () => {
    expect(learnedInterval([])).to.equal(undefined)
    expect(rememberGap([], 20)).to.deep.equal([])
  })
})

describe('independent bots', () => {
  const open = { needsToken: false }
  const guarded = { needsToken: true }
  const at = (address: string, instance: string | null = null, token: string | null = null) => ({
    address,
    instance,
    token,
  })

  it('differ in address or token name', () => {
    expect(countIndependent([at('10.0.0.1'), at('10.0.0.2'), at('10.0.0.2')], open)).to.equal(2)
    expect(countIndependent([at('10.0.0.1', null, 'shop'), at('10.0.0.1', null, 'care')], open)).to.equal(2)
  })

  it('are not made by names that anybody can invent', () => {
    expect(countIndependent([at('10.0.0.1', 'a'), at('10.0.0.1', 'b')], open)).to.equal(1)
    expect(countIndependent([at('10.0.0.1', 'a'), at('10.0.0.1', 'b')], guarded)).to.equal(2)
    expect(countIndependent([at('127.0.0.1', 'a'), at('127.0.0.1', 'b')], open)).to.equal(2)
    expect(countIndependent([at('::ffff:127.0.0.1', 'a'), at('::1', 'b'), at('::1', 'a')], open)).to.equal(3)
  })

  it('are not made by addresses of one IPv6 network', () => {
    expect(
      countIndependent([at('2001:db8::1'), at('2001:db8::2'), at('2001:db8:0:0:ffff::')], open),
    ).to.equal(1)
    expect(countIndependent([at('2001:db8::1'), at('2001:db8:1::1')], open)).to.equal(2)
  })
})

describe('countsAsEvidence', () => {
  it('takes a bot that loaded a release before the rollout began', () => {
    expect(countsAsEvidence({ provenAt: 5, settledAt: null }, 6, { needsToken: false }, 9)).to.be.true
    expect(countsAsEvidence({ provenAt: 6, settledAt: null }, 6, { needsToken: false }, 9)).to.be.false
  })

  it('takes one that ran a release for ten minutes only where pulls need a token', () => {
    expect(countsAsEvidence({ provenAt: null, settledAt: 5 }, 6, { needsToken: true }, 9)).to.be.true
    expect(countsAsEvidence({ provenAt: null, settledAt: 5 }, 6, { needsToken: false }, 9)).to.be.false
  })
})

describe('readHints', () => {
  const tag = `${OLD.digest}.${processName('a')}`

  it('finds nothing in what Rasa sends', () => {
    expect(readHints(`"${tag}"`)).to.deep.equal([])
    expect(readHints(processName('a'))).to.deep.equal([])
  })

  it('tells what proxies did to an entity tag', () => {
    expect(readHints(`W/"${tag}"`)).to.deep.equal(['etag-rewritten'])
    expect(readHints(tag)).to.deep.equal(['etag-rewritten'])
    for (const value of [
      `"${tag}-gzip"`,
      `"${tag}--gzip"`,
      `"${tag};gzip"`,
      `"${tag}"-gzip`,
      `"${tag}-br"`,
    ]) {
      expect(readHints(value), value).to.deep.equal(['compressed-on-the-way'])
    }
    expect(readHints(`W/"${tag}-gzip"`)).to.deep.equal(['etag-rewritten', 'compressed-on-the-way'])
  })

  it('tells a name that no Rasa draws', () => {
    expect(readHints('d41d8cd98f00b204e9800998ecf8427e')).to.deep.equal(['not-rasa'])
  })
})
