import { expect } from 'chai'
import type { ArchiveFacts } from '../../../archives/archive-facts.ts'
import { compareArchives } from '../../../archives/differences/compare-archives.ts'
import { describeDiff } from '../../../client/cli/describe-diff.ts'

const SOME: ArchiveFacts = { format: 3, unpackedSize: 10, members: 3, warnings: [], definitions: {} }
const describeOf = (from: Partial<ArchiveFacts>, to: Partial<ArchiveFacts>, layout?: { most: number }) =>
  describeDiff(
    compareArchives(
      { digest: 'a', size: 100, facts: { ...SOME, ...from } },
      { digest: 'b', size: 100, facts: { ...SOME, ...to } },
    ),
    'shop#1',
    'shop#2',
    layout,
  )

describe('the description of a difference', () => {
  it('names values with both, and sizes with their unit', () => {
    expect(
      describeOf({ rasaVersion: '3.6.20' }, { rasaVersion: '3.6.21', unpackedSize: 2_500_000 }),
    ).to.equal('shop#1 → shop#2\n\nRasa          3.6.20 → 3.6.21\nunpacked size 10 B → 2.5 MB')
  })

  it('breaks lines at 80 columns, and says how many names it leaves out', () => {
    const intents = Array.from({ length: 50 }, (_, index) => `a_long_intent_${index + 10}`)
    const text = describeOf({}, { intents }, { most: 20 })
    expect(Math.max(...text.split('\n').map(({ length }) => length))).to.be.at.most(80)
    expect(text.replaceAll(/\n */g, ' ')).to.include('0 → 50').and.include('and 30 more (--all)')
  })

  it('says what could not be compared', () => {
    const { definitions: _, ...older } = SOME
    const text = describeDiff(
      compareArchives(
        { digest: 'a', size: 1, facts: { ...older, format: 2, intents: ['hello'], cut: { intents: 9000 } } },
        { digest: 'b', size: 1, facts: { ...SOME, pipeline: ['DIETClassifier'] } },
      ),
      'a',
      'b',
    ).replaceAll(/\n */g, ' ')
    expect(text)
      .to.include('does not name them: entities, slots, responses, forms, actions, pipeline, policies')
      .and.include('only the first names were compared, since there are too many: intents')
      .and.include('changes inside of responses, slots and the like are not shown')
  })

  it('says that only the time of training differs', () => {
    expect(describeOf({ trainedAt: 'yesterday' }, { trainedAt: 'today' })).to.include(
      'trained at another time',
    )
  })

  it('shows no control characters of an archive', () => {
    expect(describeOf({}, { intents: ['a\u001b[2J'] })).to.include('a\ufffd[2J')
  })
})
