import { expect } from 'chai'
import type { ArchiveFacts } from '../../../archives/archive-facts.ts'
import { loadingWarnings } from '../../../archives/differences/loading-warnings.ts'

const SOME: ArchiveFacts = { format: 3, unpackedSize: 10, members: 3, warnings: [] }
const messages = (facts: Partial<ArchiveFacts>, size = 100) =>
  loadingWarnings({ ...SOME, ...facts }, size).map(({ message }) => message)

describe('what is said of loading an archive', () => {
  it('is nothing of a small archive of light components', () => {
    expect(messages({ pipeline: ['WhitespaceTokenizer'], policies: ['RulePolicy'] })).to.deep.equal([])
  })

  it('names the components that keep a bot from answering while it loads, once each', () => {
    const [first = '', ...others] = messages({
      pipeline: ['DIETClassifier', 'ResponseSelector', 'ResponseSelector'],
      policies: ['TEDPolicy'],
    })
    expect(first).to.include('slow to load (DIETClassifier, ResponseSelector, TEDPolicy)')
    expect(others).to.deep.equal([])
  })

  it('names what a bot must have besides the archive', () => {
    expect(messages({ pipeline: ['SpacyNLP', 'toString'] })).to.deep.equal([
      'SpacyNLP: the spaCy model that config.yml names must be installed beside the bot',
    ])
    expect(messages({ policies: ['my.policies.Polite'] })[0]).to.match(
      /^my\.policies\.Polite is not part of Rasa/,
    )
  })

  it('says how fast a download must be that takes longer than Rasa waits', () => {
    expect(messages({}, 3_000_000_000)).to.deep.equal([
      'Rasa gives up a download after 300 s: a bot needs 10.0 MB/s to fetch this archive',
    ])
  })

  it('says that Rasa 3 refuses the archives of Rasa 2', () => {
    expect(messages({ format: 2 })[0]).to.include('bots with Rasa 3 refuse it')
  })
})
