import { expect } from 'chai'
import fc from 'fast-check'
import { compareRasaVersions } from '../../archives/compatibility/compare-rasa-versions.ts'
import { warnOfOlderRasa } from '../../server/releases/warn-of-older-rasa.ts'

const ASCENDING = [
  '2.8.34',
  '3.0.0.dev1',
  '3.0.0a1',
  '3.0.0a10',
  '3.0.0b1',
  '3.0.0rc1',
  '3.0.0',
  '3.0.1',
  '3.6.9',
  '3.6.21',
  '3.10.0',
  '3.10.0.1',
]

const version = fc
  .tuple(
    fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }),
    fc.option(fc.tuple(fc.constantFrom('.dev', 'a', 'b', 'rc'), fc.nat(20))),
  )
  .map(([numbers, stage]) => numbers.join('.') + (stage === null ? '' : stage.join('')))

describe('versions of Rasa', () => {
  for (const [index, newer] of ASCENDING.entries()) {
    it(`${newer} is newer than those before it`, () => {
      for (const older of ASCENDING.slice(0, index)) {
        expect(compareRasaVersions(older, newer), older).to.be.below(0)
        expect(compareRasaVersions(newer, older), older).to.be.above(0)
      }
    })
  }

  it('are equal where they differ by zeros at the end or by what was built locally', () => {
    expect(compareRasaVersions('3.6', '3.6.0')).to.equal(0)
    expect(compareRasaVersions('3.6.21+abc', '3.6.21')).to.equal(0)
  })

  it('are in one order, whatever they are', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const sign = (x: string, y: string) => Math.sign(compareRasaVersions(x, y) ?? Number.NaN)
        expect(sign(a, a)).to.equal(0)
        expect(sign(a, b)).to.equal(0 - sign(b, a))
        if (sign(a, b) <= 0 && sign(b, c) <= 0) expect(sign(a, c)).to.be.at.most(0)
      }),
    )
  })

  it('cannot be compared with what is no version', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(compareRasaVersions(`x${text}`, '3.6.21')).to.equal(undefined)
        expect(compareRasaVersions('3.6.21', `x${text}`)).to.equal(undefined)
      }),
    )
  })
})

describe('a tag that moves to a release of an older Rasa', () => {
  const release = (number: number, rasaVersion?: string) => ({
    model: 'shop',
    number,
    archive: {
      format: 3 as const,
      unpackedSize: 1,
      members: 1,
      warnings: [],
      ...(rasaVersion === undefined ? {} : { rasaVersion }),
    },
  })

  it('gives a warning that names both', () => {
    expect(warnOfOlderRasa('production', release(7, '3.6.21'), release(8, '2.8.34'))).to.deep.equal({
      code: 'rasa-older',
      message:
        'shop@production: release 8 was trained by Rasa 2.8.34, and release 7 before it by Rasa 3.6.21; ' +
        'bots that run Rasa 3.6.21 may not load it',
    })
  })

  it('gives one exactly where the version is older', () => {
    fc.assert(
      fc.property(version, version, (before, after) => {
        const isOlder = (compareRasaVersions(after, before) ?? 0) < 0
        expect(warnOfOlderRasa('t', release(1, before), release(2, after)) !== undefined).to.equal(isOlder)
      }),
    )
  })

  it('gives none where the tag is new, or a version is not known', () => {
    expect(warnOfOlderRasa('t', undefined, release(1, '2.8.34'))).to.equal(undefined)
    expect(warnOfOlderRasa('t', release(1), release(2, '2.8.34'))).to.equal(undefined)
    expect(warnOfOlderRasa('t', release(1, '3.6.21'), release(2))).to.equal(undefined)
    expect(warnOfOlderRasa('t', release(1, '3.6.21'), release(2, 'main'))).to.equal(undefined)
  })
})
