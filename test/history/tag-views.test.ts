import { expect } from 'chai'
import fc from 'fast-check'
import {
  faultsOfMoves,
  faultsOfTagged,
  knownMoves,
  withoutUnmade,
  type NamedOperation,
} from '../support/history/tag-moves.ts'
import { faultsOfViews, type KnownMove, type Look } from '../support/history/tag-views.ts'

const OLD_BY = 5_000

const look = (release: number | null, at: number, more: Partial<Look> = {}): Look => ({
  viewer: 'pod-1',
  release,
  asked: at,
  answered: at + 10,
  mayBeOldBy: OLD_BY,
  ...more,
})
const move = (release: number, asked: number, answered = asked + 10): KnownMove => ({
  release,
  asked,
  answered,
})

describe('faultsOfViews', () => {
  const moves = [move(1, 0), move(2, 10_000), move(1, 20_000)]

  it('says nothing of views that follow, late by as much as they may', () => {
    const looks = [
      look(null, 5),
      look(1, 6),
      look(1, 15_000),
      look(2, 15_001),
      look(2, 25_009),
      look(1, 26_000),
    ]
    expect(faultsOfViews(looks, moves)).to.deep.equal([])
  })

  const cases: [string, Look[], RegExp][] = [
    ['a view that went back', [look(2, 10_005), look(1, 10_500)], /pod-1 saw release 1 at 10510, after 2/],
    ['a view that is too old', [look(1, 15_011)], /saw release 1 at 15021, which was too old/],
    ['a view of what was not yet', [look(2, 9_000)], /where the tag was never until then/],
    [
      'a view of nothing after there was something',
      [look(1, 100), look(null, 200)],
      /saw no release .* after 1/,
    ],
  ]
  for (const [what, looks, words] of cases) {
    it(`finds ${what}`, () => {
      expect(faultsOfViews(looks, moves).join('\n')).to.match(words)
    })
  }

  it('lets each go its own way, and follow a move there and back', () => {
    const looks = [look(2, 10_020), look(1, 10_021, { viewer: 'pod-2' }), look(1, 20_020)]
    expect(faultsOfViews(looks, moves)).to.deep.equal([])
  })

  it('finds nothing in any views of a tag that are late by less than they may, and something where one is later', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 2, maxLength: 20 })
    const delays = fc.array(fc.tuple(fc.nat(30_000), fc.nat(OLD_BY - 11)), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(gaps, delays, (after, seen) => {
        let at = 0
        // Four releases, so that the tag comes to the same one again and again.
        const all = after.map((gap, index) => move((index % 4) + 1, (at += gap), at))
        const views = seen
          .map(([when, late]) => ({ when, told: Math.max(0, when - late) }))
          .sort((one, other) => one.when - other.when)
        let told = 0
        const looks = views.map((view) => {
          told = Math.max(told, view.told)
          return look(all.findLast(({ asked }) => asked <= told)?.release ?? null, view.when)
        })
        expect(faultsOfViews(looks, all)).to.deep.equal([])
        const last = all.at(-1)!.answered
        const late = look(all.at(-2)!.release, last + OLD_BY + 1, { viewer: 'pod-2' })
        expect(faultsOfViews([...looks, late], all)).to.have.length(1)
      }),
    )
  })
})

describe('faultsOfMoves', () => {
  const asked = (
    name: string,
    to: number,
    told: 'refused' | 'lost' | { version: string },
  ): NamedOperation => ({
    client: 'ci',
    name,
    asked: 1,
    answered: 2,
    step: { kind: 'move', to, expected: undefined, told },
  })
  const sound = { version: 'a' }

  it('says nothing of a history of what was acknowledged, and of what was lost', () => {
    const operations = [
      asked('x', 1, sound),
      asked('y', 2, 'lost'),
      asked('z', 3, 'lost'),
      asked('w', 4, 'refused'),
    ]
    const moves = [
      { from: null, to: 1, reason: 'x' },
      { from: 1, to: 3, reason: 'z' },
    ]
    expect(faultsOfMoves(operations, moves)).to.deep.equal([])
    expect(knownMoves(operations, moves)).to.deep.equal([move(1, 1, 2), move(3, 1, 2)])
    expect(withoutUnmade(operations, moves).map(({ name }) => name)).to.deep.equal(['x', 'z', 'w'])
  })

  it('finds each thing that may be wrong with it', () => {
    const operations = [asked('x', 1, sound), asked('y', 2, 'refused'), asked('z', 3, sound)]
    const moves = [
      { from: null, to: 1, reason: 'x' },
      { from: 1, to: 1, reason: 'x' },
      { from: 2, to: 2, reason: 'y' },
      { from: 2, to: 9, reason: 'nobody' },
    ]
    const found = faultsOfMoves(operations, moves).join('\n')
    for (const words of [
      /came after one to 1/,
      /to 1 is 2 times/,
      /to 2 was refused/,
      /to 3 was acknowledged/,
      /nobody/,
    ])
      expect(found).to.match(words)
  })
})

describe('faultsOfTagged', () => {
  const moves = [
    { from: null, to: 1, reason: null },
    { from: 1, to: 2, reason: null },
  ]

  it('says nothing where every release was tagged as it was published', () => {
    expect(faultsOfTagged(moves, [2, 1])).to.deep.equal([])
  })

  it('finds a release that was not tagged, and a tag of what was not published', () => {
    expect(faultsOfTagged(moves, [1, 2, 3])).to.deep.equal([
      'release 3 was published, and nothing tagged in its place',
    ])
    expect(faultsOfTagged(moves, [1])).to.deep.equal([
      'nothing was published, and release 2 tagged in its place',
    ])
  })
})
