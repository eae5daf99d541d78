import { expect } from 'chai'
import fc from 'fast-check'
import { faultsOfReleases, type PublishOperation } from '../support/history/publish-history.ts'

describe('faultsOfReleases', () => {
  const sent = (
    digest: string,
    told: PublishOperation['told'],
    [asked, answered]: [number, number] = [0, 100],
  ): PublishOperation => ({ client: `of ${digest}`, digest, asked, answered, told })
  const given = (number: number) => ({ number, isNew: true })

  it('says nothing of releases as they were acknowledged, with what was lost there or not', () => {
    const history = [
      sent('a', given(1)),
      sent('b', 'lost'),
      sent('c', 'lost'),
      sent('d', given(3)),
      sent('e', 'refused'),
    ]
    const again = sent('d', { number: 3, isNew: false }, [200, 300])
    const releases = new Map([
      [1, 'a'],
      [2, 'c'],
      [3, 'd'],
    ])
    expect(faultsOfReleases([...history, again], releases)).to.deep.equal([])
  })

  const cases: [string, PublishOperation[], [number, string][], RegExp][] = [
    [
      'one that is not there',
      [sent('a', given(1))],
      [],
      /release 1, which was acknowledged to of a, is not there/,
    ],
    ['one with other bytes', [sent('a', given(1)), sent('b', 'lost')], [[1, 'b']], /has other bytes/],
    ['one that nobody sent', [], [[1, 'a']], /nobody sent what release 1 is/],
    ['one that was refused', [sent('a', 'refused')], [[1, 'a']], /told that nothing was changed/],
    [
      'one that came twice of one request',
      [sent('a', given(1))],
      [
        [1, 'a'],
        [2, 'a'],
      ],
      /nobody sent what release 2 is/,
    ],
    [
      'a number that was given twice',
      [sent('a', given(1)), sent('a', given(1))],
      [[1, 'a']],
      /number 1 was given to/,
    ],
    [
      'a number that went back',
      [sent('a', given(2), [0, 10]), sent('b', given(1), [20, 30])],
      [
        [1, 'b'],
        [2, 'a'],
      ],
      /of b was given number 1 after 2 had been given/,
    ],
  ]
  for (const [what, history, releases, words] of cases) {
    it(`finds ${what}`, () => {
      expect(faultsOfReleases(history, new Map(releases)).join('\n')).to.match(words)
    })
  }

  it('says nothing of numbers that are given one after the other, however long answers took', () => {
    const publishes = fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { maxLength: 30 })
    fc.assert(
      fc.property(publishes, (times) => {
        const history = times.map(([before, after], index) =>
          sent(`digest ${index}`, given(index + 1), [index * 10 - before, index * 10 + after + 1]),
        )
        const releases = new Map(times.map((_, index) => [index + 1, `digest ${index}`]))
        expect(faultsOfReleases(history, releases)).to.deep.equal([])
      }),
    )
  })
})
