import { expect } from 'chai'
import fc from 'fast-check'
import type { ArchiveFacts } from '../../archives/archive-facts.ts'
import { boundFacts } from '../../server/releases/bound-facts.ts'
import { anyCharacter } from '../support/any-character.ts'

const MOST_BYTES = 256 * 1024
const bytesOf = (facts: ArchiveFacts) => Buffer.byteLength(JSON.stringify(facts))
const some: ArchiveFacts = { format: 3, unpackedSize: 1, members: 1, warnings: [] }
const names = (count: number, length: number) =>
  Array.from({ length: count }, (_, index) => String(index).padStart(length, 'x'))

describe('what is kept of what inspection learned', () => {
  it('is all of it where it is no more than honest archives say', () => {
    const facts = { ...some, intents: names(1000, 60), responses: names(1000, 60), language: 'tr' }
    expect(boundFacts(facts)).to.deep.equal(facts)
  })

  it('is the beginning of lists that are too long, with their true lengths', () => {
    const intents = names(1000, 200).map((name) => `${name}\u0001`.repeat(5))
    const bounded = boundFacts({ ...some, intents, forms: ['order'], cut: { actions: 5000 } })
    expect(bounded.intents).to.deep.equal(intents.slice(0, bounded.intents?.length))
    expect(bounded.intents?.length).to.be.within(100, 500)
    expect(bounded.forms).to.deep.equal(['order'])
    expect(bounded.cut).to.deep.equal({ actions: 5000, intents: 1000 })
  })

  it('keeps the true length of a list that was cut before', () => {
    const intents = names(1000, 2000)
    expect(boundFacts({ ...some, intents, cut: { intents: 170_000 } }).cut).to.deep.equal({
      intents: 170_000,
    })
  })

  it('has few and short warnings: a thousand releases are listed at once', () => {
    const warnings = Array.from({ length: 5000 }, () => ({
      code: 'nlu-only' as const,
      message: 'x'.repeat(9000),
    }))
    const bounded = boundFacts({ ...some, warnings })
    expect(bounded.warnings).to.have.length(20)
    expect(bounded.warnings[0]?.message).to.have.length(1000)
    expect(bounded.cut).to.deep.equal({ warnings: 5000 })
  })

  it('fits, whatever names an archive has', () => {
    const list = fc.array(fc.string({ unit: anyCharacter, maxLength: 20 }), { maxLength: 30 })
    const lists = fc.record({ intents: list, entities: list, actions: list }, { requiredKeys: [] })
    fc.assert(
      fc.property(lists, fc.integer({ min: 200, max: 2000 }), (given, most) => {
        const bounded = boundFacts({ ...some, ...given }, most)
        const { cut, ...rest } = bounded
        expect(bytesOf(rest)).to.be.at.most(most)
        for (const [name, length] of Object.entries(cut ?? {}))
          expect(length).to.equal(given[name as keyof typeof given]?.length)
      }),
    )
  })

  it('takes 7 MB of names to a fortieth', () => {
    const nasty = names(1000, 4).map((name) => name + '\u0001'.repeat(195))
    const lists = {
      intents: nasty,
      entities: nasty,
      slots: nasty,
      responses: nasty,
      forms: nasty,
      actions: nasty,
    }
    expect(bytesOf({ ...some, ...lists })).to.be.above(7_000_000)
    expect(bytesOf(boundFacts({ ...some, ...lists }))).to.be.at.most(MOST_BYTES + 200)
  })
})
