import { expect } from 'chai'
import fc from 'fast-check'
import { NAME_LISTS, type ArchiveFacts } from '../../../archives/archive-facts.ts'
import { compareArchives } from '../../../archives/differences/compare-archives.ts'
import type { ArchiveDifferences } from '../../../archives/differences/archive-differences.ts'
import { anArchive, type ArchiveOptions } from '../../support/archive-builder.ts'
import { inspect } from '../inspect.ts'

const SOME: ArchiveFacts = { format: 3, unpackedSize: 10, members: 3, warnings: [], definitions: {} }

function differences(from: Partial<ArchiveFacts>, to: Partial<ArchiveFacts>): ArchiveDifferences {
  return compareArchives(
    { digest: 'a', size: 100, facts: { ...SOME, ...from } },
    { digest: 'b', size: 100, facts: { ...SOME, ...to } },
  )
}

/** Between two archives that differ in their domain. */
async function differencesOfDomains(from: object, to: object): Promise<ArchiveDifferences> {
  return differences(
    await factsOf({ metadata: { domain: from } }),
    await factsOf({ metadata: { domain: to } }),
  )
}

function factsOf(options: ArchiveOptions): Promise<ArchiveFacts> {
  return inspect(anArchive({ modelId: '0', ...options }))
}

describe('what differs between two archives', () => {
  it('is nothing between an archive and itself', async () => {
    const facts = await factsOf({})
    const archive = { digest: 'a', size: 100, facts }
    const { isSame, values, lists, warnings } = compareArchives(archive, archive)
    expect({ isSame, values, warnings }).to.deep.equal({
      isSame: true,
      values: {},
      warnings: { added: [], removed: [] },
    })
    for (const list of NAME_LISTS) {
      const { added, removed, changed, isReordered } = lists[list]
      expect({ added, removed, changed, isReordered }).to.deep.equal({
        added: [],
        removed: [],
        changed: [],
        isReordered: false,
      })
    }
  })

  it('is each name that was added, removed, or defined otherwise', async () => {
    const { lists } = await differencesOfDomains(
      {
        intents: ['hello', { order: { use_entities: [] } }, 'thanks'],
        responses: { utter_hello: [{ text: 'Hello' }], utter_thanks: [{ text: 'Thanks' }] },
        slots: { bread: { type: 'text' } },
      },
      {
        intents: ['birthday_cake', 'hello', { order: { use_entities: ['bread'] } }],
        responses: { utter_hello: [{ text: 'Good morning' }], utter_thanks: [{ text: 'Thanks' }] },
        slots: { bread: { type: 'list' } },
      },
    )
    expect(lists.intents).to.deep.equal({
      compared: 'whole',
      from: 3,
      to: 3,
      isReordered: false,
      added: ['birthday_cake'],
      removed: ['thanks'],
      changed: ['order'],
    })
    expect(lists.responses.changed).to.deep.equal(['utter_hello'])
    expect(lists.slots.changed).to.deep.equal(['bread'])
  })

  it('is no other order of the keys of a definition', async () => {
    const { lists } = await differencesOfDomains(
      { slots: { bread: { type: 'text', mappings: [{ type: 'from_text', intent: 'x' }] } } },
      { slots: { bread: { mappings: [{ intent: 'x', type: 'from_text' }], type: 'text' } } },
    )
    expect(lists.slots.changed).to.deep.equal([])
  })

  it('is a list that Rasa 3 leaves out where it is empty', async () => {
    const { lists } = await differencesOfDomains({}, { forms: { order_form: { required_slots: [] } } })
    expect(lists.forms).to.deep.include({ compared: 'whole', from: 0, to: 1, added: ['order_form'] })
  })

  it('is each value that is another, with both', () => {
    const { values } = differences(
      { rasaVersion: '3.6.20', language: 'en', trainedAt: 'yesterday' },
      { rasaVersion: '3.6.21', unpackedSize: 20, trainedAt: 'today' },
    )
    expect(values).to.deep.equal({
      rasaVersion: { from: '3.6.20', to: '3.6.21' },
      language: { from: 'en', to: null },
      unpackedSize: { from: 10, to: 20 },
    })
  })

  it('is a component whose settings changed, one that was moved, and one of several of the same name', () => {
    const { pipeline } = differences(
      {
        pipeline: ['Tokenizer', 'CountVectors', 'CountVectors', 'DIET'],
        definitions: { pipeline: ['', '', '11111111', '22222222'] },
      },
      {
        pipeline: ['CountVectors', 'Tokenizer', 'CountVectors', 'CountVectors', 'DIET'],
        definitions: { pipeline: ['11111111', '', '', '', '33333333'] },
      },
    ).lists
    expect(pipeline).to.deep.equal({
      compared: 'whole',
      from: 4,
      to: 5,
      isReordered: true,
      added: ['CountVectors (3)'],
      removed: [],
      changed: ['DIET'],
    })
  })

  it('is unknown inside of definitions where one archive was inspected before they were kept', () => {
    const { definitions: _, ...older } = SOME
    const { lists } = compareArchives(
      { digest: 'a', size: 1, facts: { ...older, intents: ['hello'], pipeline: ['DIET'] } },
      {
        digest: 'b',
        size: 1,
        facts: {
          ...SOME,
          intents: ['hello', 'thanks'],
          pipeline: ['DIET'],
          definitions: { pipeline: ['33333333'] },
        },
      },
    )
    expect(lists.intents).to.deep.include({ compared: 'whole', added: ['thanks'], changed: null })
    expect(lists.pipeline).to.deep.include({ added: [], removed: [], changed: null })
  })

  it('is told of the first names only where a list was too long to keep', () => {
    const { intents } = differences(
      { intents: ['a', 'c', 'e'], cut: { intents: 5000 } },
      { intents: ['a', 'b', 'c', 'x', 'y'] },
    ).lists
    expect(intents).to.deep.include({ compared: 'part', from: 5000, to: 5, added: ['b'], removed: ['e'] })
  })

  it('is not told of a cut pipeline, nor of what a Rasa 2 archive does not name', () => {
    const { lists } = differences(
      { format: 2, intents: ['a'] },
      { pipeline: ['DIET'], policies: ['TED'], cut: { policies: 2000 } },
    )
    expect(lists.pipeline).to.deep.include({ compared: 'none', from: null, to: 1, added: [] })
    expect(lists.policies).to.deep.include({ compared: 'none', to: 2000 })
    expect(lists.intents).to.deep.include({ compared: 'whole', removed: ['a'] })
  })

  it('is each warning that only one of them has', () => {
    const warning = { code: 'nlu-only' as const, message: 'only NLU was trained' }
    const { warnings } = differences({ warnings: [warning] }, { pipeline: ['my.module.Classifier'] })
    expect(warnings.removed).to.deep.equal([warning])
    expect(warnings.added.map(({ code }) => code)).to.deep.equal(['custom-component'])
  })
})

describe('the comparison of lists', () => {
  const names = fc
    .uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 8 })
    .map((list) => list.sort())

  it('tells how to get from the first to the second', () => {
    fc.assert(
      fc.property(names, names, (from, to) => {
        const { added, removed } = differences({ intents: from }, { intents: to }).lists.intents
        const rebuilt = [...from.filter((name) => !removed.includes(name)), ...added].sort()
        expect(rebuilt).to.deep.equal(to)
      }),
    )
  })

  it('tells the opposite when the archives are exchanged', () => {
    const list = fc.array(fc.constantFrom('A', 'B', 'C'), { maxLength: 6 })
    fc.assert(
      fc.property(list, list, (from, to) => {
        const there = differences({ pipeline: from }, { pipeline: to }).lists.pipeline
        const back = differences({ pipeline: to }, { pipeline: from }).lists.pipeline
        expect([back.added, back.removed]).to.deep.equal([there.removed, there.added])
      }),
    )
  })

  it('says nothing false of what was cut', () => {
    fc.assert(
      fc.property(names, names, fc.nat(8), fc.nat(8), (from, to, keptFrom, keptTo) => {
        const cut = (list: string[], kept: number) =>
          kept < list.length
            ? { intents: list.slice(0, kept), cut: { intents: list.length } }
            : { intents: list }
        const found = differences(cut(from, keptFrom), cut(to, keptTo)).lists.intents
        for (const name of found.added) expect(from.includes(name) || !to.includes(name)).to.equal(false)
        for (const name of found.removed) expect(to.includes(name) || !from.includes(name)).to.equal(false)
      }),
    )
  })
})
