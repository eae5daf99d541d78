import { expect } from 'chai'
import { ABSENT, faultsOfTag, type TagOperation, type TagStep } from '../support/history/tag-register.ts'

describe('faultsOfTag', () => {
  /** Each a moment after the one before, unless it says otherwise. */
  const history = (...steps: (TagStep & { at?: [number, number] })[]): TagOperation[] =>
    steps.map(({ at, ...step }, index) => {
      const isLost = step.kind === 'move' && step.told === 'lost'
      const [asked, answered] = at ?? [index * 10, isLost ? Infinity : index * 10 + 5]
      return { client: `client ${index}`, step, asked, answered }
    })
  const saw = (release: number, version: string) => ({ kind: 'read' as const, seen: { release, version } })
  const nothing = { kind: 'read' as const, seen: null }
  const moved = (to: number, version: string, expected?: string) => ({
    kind: 'move' as const,
    to,
    expected,
    told: { version },
  })
  const refused = (to: number, expected: string) => ({
    kind: 'move' as const,
    to,
    expected,
    told: 'refused' as const,
  })
  const lost = (to: number, expected?: string) => ({
    kind: 'move' as const,
    to,
    expected,
    told: 'lost' as const,
  })

  const sound: [string, TagOperation[]][] = [
    [
      'moves and reads in turn',
      history(nothing, moved(1, 'a'), saw(1, 'a'), moved(2, 'b', 'a'), saw(2, 'b')),
    ],
    ['a move to where it is already', history(moved(1, 'a'), moved(1, 'a', 'a'), saw(1, 'a'))],
    [
      'a move there and back, which makes another version',
      history(moved(1, 'a'), moved(2, 'b'), moved(1, 'c')),
    ],
    ['a condition that no longer holds', history(moved(1, 'a'), moved(2, 'b'), refused(3, 'a'), saw(2, 'b'))],
    ['a tag that is there already', history(moved(1, 'a', ABSENT), refused(2, ABSENT))],
    ['a lost move that happened', history(moved(1, 'a'), lost(2, 'a'), saw(2, 'b'), moved(3, 'c', 'b'))],
    ['a lost move that did not', history(moved(1, 'a'), lost(2, 'a'), saw(1, 'a'), moved(3, 'c', 'a'))],
    ['a refusal because of a lost move that nobody saw', history(moved(1, 'a'), lost(2), refused(3, 'a'))],
    [
      'two on one condition, of which one is refused',
      history(moved(1, 'a'), { ...moved(2, 'b', 'a'), at: [10, 40] }, { ...refused(3, 'a'), at: [11, 39] }),
    ],
  ]
  for (const [what, operations] of sound) {
    it(`says nothing of ${what}`, () => {
      expect(faultsOfTag(operations)).to.deep.equal([])
    })
  }

  const broken: [string, TagOperation[], RegExp][] = [
    [
      'a move that was lost after its answer',
      history(moved(1, 'a'), moved(2, 'b'), saw(1, 'a')),
      /client 2 saw release 1 .* at 2$/,
    ],
    [
      'two moves on one condition that both were made',
      history(
        moved(1, 'a'),
        { ...moved(2, 'b', 'a'), at: [10, 40] },
        { ...moved(3, 'c', 'a'), at: [11, 39] },
      ),
      /told of a move to \d on a condition/,
    ],
    [
      'a refusal while the condition held',
      history(moved(1, 'a'), refused(2, 'a')),
      /was refused a move to 2/,
    ],
    [
      'a read that goes back',
      history(
        moved(1, 'a'),
        { ...moved(2, 'b'), at: [10, 50] },
        { ...saw(2, 'b'), at: [11, 12] },
        { ...saw(1, 'a'), at: [13, 14] },
      ),
      /client 3 saw release 1/,
    ],
    ['one version of two releases', history(moved(1, 'a'), moved(2, 'a')), /told of a move to 2/],
    ['a version that came of no move', history(moved(1, 'a'), saw(1, 'b')), /saw release 1/],
    ['a tag that is gone', history(moved(1, 'a'), nothing), /saw no tag/],
    ['a tag that nobody made', history(saw(1, 'a')), /absent/],
  ]
  for (const [what, operations, words] of broken) {
    it(`finds ${what}`, () => {
      expect(faultsOfTag(operations).join('\n')).to.match(words)
    })
  }
})
