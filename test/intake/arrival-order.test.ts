import { expect } from 'chai'
import fc from 'fast-check'
import { inArrivalOrder, trainedLater } from '../../server/intake/arrival-order.ts'
import type { FoundItem } from '../../server/intake/intake-source.ts'

const aFile = (path: string, modifiedAt: number, model = 'shop'): FoundItem => ({
  path,
  model,
  modifiedAt,
  size: 1,
  changedAt: modifiedAt,
})

const files = fc.uniqueArray(
  fc.record({
    path: fc.stringMatching(/^[a-c]{1,3}$/),
    modifiedAt: fc.integer({ min: 0, max: 5 }),
    model: fc.constantFrom('shop', 'bank'),
  }),
  { selector: ({ path }) => path },
)

describe('inArrivalOrder', () => {
  it('sorts by modification, then training, then name, whatever the order of listing', () =>
    fc.assert(
      fc.asyncProperty(files, fc.infiniteStream(fc.integer()), async (found, seeds) => {
        const listed = found.map(({ path, modifiedAt, model }) => aFile(path, modifiedAt, model))
        const trainedAt = ({ path }: FoundItem) => (path.startsWith('a') ? undefined : String(path.length))
        const keyOf = (file: FoundItem) => [file.modifiedAt, trainedAt(file) ?? '', file.path] as const
        const seed = seeds.next().value
        const shuffled = listed.toSorted((one, other) => hash(one.path, seed) - hash(other.path, seed))
        const ordered = await inArrivalOrder(shuffled, (file) => Promise.resolve(trainedAt(file)))
        for (const model of ['shop', 'bank']) {
          const ofModel = ordered.filter((file) => file.model === model)
          const expected = ofModel.toSorted((one, other) => {
            const [[m1, t1, p1], [m2, t2, p2]] = [keyOf(one), keyOf(other)]
            return m1 - m2 || (t1 < t2 ? -1 : Number(t1 > t2)) || (p1 < p2 ? -1 : 1)
          })
          expect(ofModel).to.deep.equal(expected)
        }
        expect(ordered.length).to.equal(found.length)
      }),
    ))

  it('reads only files that were modified at the same time as another of their model', async () => {
    const asked: string[] = []
    const found = [aFile('a', 1), aFile('b', 2), aFile('c', 2), aFile('d', 1, 'bank')]
    await inArrivalOrder(found, ({ path }) => {
      asked.push(path)
      return Promise.resolve(undefined)
    })
    expect(asked).to.deep.equal(['b', 'c'])
  })
})

describe('trainedLater', () => {
  const arrival = (path: string, trainedAt?: string) => ({ path, trainedAt })

  it('finds nothing wrong where the last is the newest, or nobody knows', () => {
    expect(trainedLater([])).to.equal(undefined)
    expect(trainedLater([arrival('a', '2026')])).to.equal(undefined)
    expect(trainedLater([arrival('a', '2025'), arrival('b', '2026')])).to.equal(undefined)
    expect(trainedLater([arrival('a', '2026'), arrival('b', '2026')])).to.equal(undefined)
    expect(trainedLater([arrival('a', '2026'), arrival('b')])).to.equal(undefined)
  })

  it('names the last and the newest where they differ', () => {
    const arrivals = [arrival('a', '2025'), arrival('b', '2027'), arrival('c'), arrival('d', '2026')]
    expect(trainedLater(arrivals)).to.deep.equal({ last: arrivals[3], newest: arrivals[1] })
  })
})

function hash(text: string, seed: number): number {
  let value = seed | 0
  for (const character of text) value = Math.imul(value ^ character.charCodeAt(0), 0x01000193)
  return value
}
