import { expect } from 'chai'
import { ArchiveRefused } from '../../archives/archive-refused.ts'
import { anArchive, archiveMembers, gzipOf, tarOf } from '../support/archive-builder.ts'
import { inspect, outcomeOf } from './inspect.ts'

/** An archive whose graph has one more node, of this class, for whose resource there is no folder. */
function lacking(uses: string): Buffer {
  const nodes = { run_it: { uses, config: {}, resource: { name: 'train_it' } } }
  return anArchive({ metadata: { predict_schema: { nodes } } })
}

/** An archive with a component of this class, in whose folder there are these files, each `{}`. */
function withComponent(uses: string, files: Record<string, string>): Buffer {
  const nodes = { run_it: { uses, config: {}, resource: { name: 'train_it' } } }
  const members = Object.entries(files).map(([name, content]) => ({
    path: `components/train_it/${name}`,
    content,
  }))
  return anArchive({
    metadata: { predict_schema: { nodes } },
    members: [{ path: 'components/train_it/' }, ...members],
  })
}

const needed = [
  'rasa.graph_components.providers.domain_provider.DomainProvider',
  'rasa.nlu.classifiers.logistic_regression_classifier.LogisticRegressionClassifier',
  'rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer.CountVectorsFeaturizer',
  'rasa.nlu.classifiers.keyword_intent_classifier.KeywordIntentClassifier',
  'rasa.core.policies.rule_policy.RulePolicy',
]
const expected = [
  'rasa.nlu.featurizers.sparse_featurizer.regex_featurizer.RegexFeaturizer',
  'rasa.nlu.featurizers.sparse_featurizer.lexical_syntactic_featurizer.LexicalSyntacticFeaturizer',
  'rasa.nlu.classifiers.diet_classifier.DIETClassifier',
  'rasa.nlu.classifiers.sklearn_intent_classifier.SklearnIntentClassifier',
  'rasa.nlu.classifiers.mitie_intent_classifier.MitieIntentClassifier',
]
const optional = [
  'bakery.components.SourdoughClassifier',
  'bakery.rasa.nlu.classifiers.diet_classifier.DIETClassifier',
  'rasa.nlu.extractors.entity_synonyms.EntitySynonymMapper',
  'rasa.nlu.extractors.crf_entity_extractor.CRFEntityExtractor',
  'rasa.nlu.extractors.regex_entity_extractor.RegexEntityExtractor',
  'rasa.nlu.selectors.response_selector.ResponseSelector',
  'rasa.nlu.tokenizers.jieba_tokenizer.JiebaTokenizer',
  'rasa.core.policies.memoization.MemoizationPolicy',
  'rasa.core.policies.memoization.AugmentedMemoizationPolicy',
  'rasa.core.policies.ted_policy.TEDPolicy',
  'rasa.core.policies.unexpected_intent_policy.UnexpecTEDIntentPolicy',
  'rasa.graph_components.providers.rule_only_provider.RuleOnlyDataProvider',
]
const countVectors = needed[2] ?? ''
const keyword = needed[3] ?? ''

describe('components that are missing', () => {
  for (const uses of needed) {
    it(`refuses an archive without the folder of ${uses}`, async () => {
      expect(await outcomeOf(inspect(lacking(uses)))).to.equal('archive-incomplete')
    })
  }

  for (const uses of expected) {
    it(`warns of an archive without the folder of ${uses}`, async () => {
      const { warnings } = await inspect(lacking(uses))
      expect(warnings.map(({ code }) => code)).to.deep.equal(['component-missing'])
      expect(warnings[0]?.message).to.include('components/train_it').and.include(uses)
    })
  }

  for (const uses of optional) {
    it(`says nothing of an archive without the folder of ${uses}`, async () => {
      expect((await inspect(lacking(uses))).warnings).to.be.empty
    })
  }

  it('names every component that is missing', async () => {
    const archive = anArchive({ without: ['components/train_RulePolicy0', 'components/domain_provider'] })
    const refusal: unknown = await inspect(archive).catch((error: unknown) => error)
    expect(refusal).to.be.instanceOf(ArchiveRefused)
    expect((refusal as ArchiveRefused).data).to.deep.equal({
      components: ['domain_provider', 'train_RulePolicy0'],
    })
    expect((refusal as ArchiveRefused).message).to.include('rasa.core.policies.rule_policy.RulePolicy')
  })

  it('takes an incomplete archive from a publisher who accepts that, and says what it lacks', async () => {
    const archive = anArchive({ without: ['components/train_RulePolicy0'] })
    const { accepted, warnings } = await inspect(archive, { accept: new Set(['archive-incomplete']) })
    expect(accepted).to.have.length(1)
    expect(accepted?.[0]).to.include({ code: 'archive-incomplete' })
    expect(accepted?.[0]?.message).to.include('components/train_RulePolicy0')
    expect(warnings).to.be.empty
  })

  it('reports nothing as accepted where there was nothing to be', async () => {
    const facts = await inspect(anArchive(), { accept: new Set(['archive-incomplete']) })
    expect(facts).not.to.have.property('accepted')
  })

  it('takes a folder that only its content implies', async () => {
    const members = archiveMembers().filter(({ path }) => path !== 'components/train_RulePolicy0/')
    expect((await inspect(gzipOf(tarOf(members)))).warnings).to.be.empty
  })

  it('does not take a file for a folder', async () => {
    const members = [{ path: 'components/train_RulePolicy0', content: '' }]
    const archive = anArchive({
      without: ['components/train_RulePolicy0/', 'components/train_RulePolicy0/rule_policy.json'],
      members,
    })
    expect(await outcomeOf(inspect(archive))).to.equal('archive-incomplete')
  })

  it('refuses where one of two nodes needs the resource that they share', async () => {
    const resource = { name: 'train_RulePolicy0' }
    const nodes = {
      rule_only_data_provider: {
        uses: 'rasa.graph_components.providers.rule_only_provider.RuleOnlyDataProvider',
        resource,
      },
      run_RulePolicy0: { uses: 'rasa.core.policies.rule_policy.RulePolicy', resource },
    }
    const archive = anArchive({
      without: ['components/train_RulePolicy0'],
      metadata: { predict_schema: { nodes } },
    })
    expect(await outcomeOf(inspect(archive))).to.equal('archive-incomplete')
  })

  it('bounds the warnings', async () => {
    const nodes = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [
        `n${index}`,
        { uses: expected[0], resource: { name: `r${index}` } },
      ]),
    )
    const { warnings } = await inspect(anArchive({ metadata: { predict_schema: { nodes } } }))
    expect(warnings).to.have.length(20)
    expect(warnings.at(-1)?.message).to.include('4980 more')
  })

  it('looks for no folder outside components/', async () => {
    const nodes = {
      a: { uses: 'rasa.core.policies.rule_policy.RulePolicy', resource: { name: '../components' } },
    }
    expect(await outcomeOf(inspect(anArchive({ metadata: { predict_schema: { nodes } } })))).to.equal(
      'archive-incomplete',
    )
  })
})

describe('files of components', () => {
  const vocabularies = { 'vocabularies.json': '{"text": {"hello": 0}}', 'oov_words.json': '[]' }

  it('takes what Rasa writes', async () => {
    expect((await inspect(withComponent(countVectors, vocabularies))).warnings).to.be.empty
    expect((await inspect(withComponent(keyword, { 'KeywordIntentClassifier.json': '{}' }))).warnings).to.be
      .empty
  })

  it('takes the empty folder of a featurizer that found no word common enough', async () => {
    expect((await inspect(withComponent(countVectors, {}))).warnings).to.be.empty
  })

  it('takes the pickles of a Rasa up to 3.6.20', async () => {
    const files = { 'vocabularies.pkl': 'anything', 'oov_words.json': '[]' }
    const { warnings } = await inspect(withComponent(countVectors, files))
    // A pickle can run code when it is read: that is said, and is all.
    expect(warnings.map(({ code }) => code)).to.deep.equal(['can-run-code'])
  })

  it('does not look into the files of components that are not of Rasa', async () => {
    expect((await inspect(withComponent('bakery.Classifier', { 'data.json': '{"cut": ' }))).warnings).to.be
      .empty
  })

  for (const [what, files, named] of [
    ['one that is missing', { 'oov_words.json': '[]' }, 'has no components/train_it/vocabularies.json'],
    ['one that is cut', { ...vocabularies, 'vocabularies.json': '{"text": {"hel' }, 'that is cut'],
    ['an empty one', { ...vocabularies, 'vocabularies.json': '' }, 'that is empty'],
    ['one that is no JSON', { ...vocabularies, 'oov_words.json': '<html>' }, 'that is no JSON'],
  ] as const) {
    it(`refuses ${what}, and says which`, async () => {
      const refusal = await inspect(withComponent(countVectors, files)).catch((error: unknown) => error)
      expect(refusal).to.include({ code: 'archive-incomplete' })
      expect((refusal as Error).message).to.include(named)
    })
  }
})

describe('metadata.json without what Rasa needs', () => {
  for (const key of [
    'domain',
    'trained_at',
    'model_id',
    'rasa_open_source_version',
    'train_schema',
    'predict_schema',
    'training_type',
    'project_fingerprint',
    'core_target',
    'nlu_target',
    'language',
  ]) {
    it(`refuses an archive without ${key}`, async () => {
      const { [key]: _, ...metadata } = metadataOf()
      const content = JSON.stringify(metadata)
      const archive = anArchive({ members: [{ path: 'metadata.json', content }] })
      expect(await outcomeOf(inspect(archive))).to.equal('archive-incomplete')
      const { accepted } = await inspect(archive, { accept: new Set(['archive-incomplete']) })
      expect(accepted?.[0]?.message).to.include(key)
    })
  }

  it('refuses an archive whose graph is empty', async () => {
    const archive = anArchive({ metadata: { predict_schema: { nodes: {} } } })
    expect(await outcomeOf(inspect(archive))).to.equal('archive-incomplete')
  })

  it('refuses an archive whose graph lacks the node that messages go to', async () => {
    expect(await outcomeOf(inspect(anArchive({ metadata: { nlu_target: 'run_Nothing' } })))).to.equal(
      'archive-incomplete',
    )
  })

  it('takes an archive without assistant_id, which Rasa has since 3.5', async () => {
    const { assistant_id: _, ...metadata } = metadataOf()
    const content = JSON.stringify(metadata)
    const facts = await inspect(anArchive({ members: [{ path: 'metadata.json', content }] }))
    expect(facts).not.to.have.property('assistantId')
  })
})

function metadataOf(): Record<string, unknown> {
  const member = archiveMembers().find(({ path }) => path === 'metadata.json')
  return JSON.parse(String(member?.content)) as Record<string, unknown>
}
