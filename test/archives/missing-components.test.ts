import { expect } from 'chai'
import { ArchiveRefused } from '../../archives/archive-refused.ts'
import { anArchive, archiveMembers, gzipOf, tarOf } from '../support/archive-builder.ts'
import { inspect, outcomeOf } from './inspect.ts'

/** An archive whose graph has one more node, of this class, for whose resource there is no folder. */
function lacking(uses: string, config: unknown = {}, metadata: Record<string, unknown> = {}): Buffer {
  const nodes = { run_it: { uses, config, resource: { name: 'train_it' } } }
  return anArchive({ metadata: { predict_schema: { nodes }, ...metadata } })
}

const needed = [
  'rasa.graph_components.providers.domain_provider.DomainProvider',
  'rasa.nlu.classifiers.logistic_regression_classifier.LogisticRegressionClassifier',
  'rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer.CountVectorsFeaturizer',
  'rasa.nlu.featurizers.sparse_featurizer.regex_featurizer.RegexFeaturizer',
  'rasa.nlu.featurizers.sparse_featurizer.lexical_syntactic_featurizer.LexicalSyntacticFeaturizer',
  'rasa.nlu.classifiers.keyword_intent_classifier.KeywordIntentClassifier',
  'rasa.nlu.classifiers.diet_classifier.DIETClassifier',
  'rasa.nlu.classifiers.sklearn_intent_classifier.SklearnIntentClassifier',
  'rasa.nlu.classifiers.mitie_intent_classifier.MitieIntentClassifier',
  'rasa.core.policies.rule_policy.RulePolicy',
]
const dispensable = [
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

describe('components that are missing', () => {
  for (const uses of needed) {
    it(`refuses an archive without the folder of ${uses}`, async () => {
      expect(await outcomeOf(inspect(lacking(uses)))).to.equal('archive-incomplete')
    })
  }

  for (const uses of dispensable) {
    it(`warns of an archive without the folder of ${uses}`, async () => {
      const { warnings } = await inspect(lacking(uses))
      expect(warnings.map(({ code }) => code)).to.deep.equal(['component-missing'])
      expect(warnings[0]?.message).to.include('components/train_it').and.include(uses)
    })
  }

  it('only warns of DIET where it tells no intents apart', async () => {
    const diet = 'rasa.nlu.classifiers.diet_classifier.DIETClassifier'
    expect((await inspect(lacking(diet, { intent_classification: false }))).warnings).to.have.length(1)
    expect((await inspect(lacking(diet, {}, { domain: { intents: ['hello'] } }))).warnings).to.have.length(1)
    const nluOnly = lacking(diet, {}, { domain: {}, training_type: 1 })
    expect(await outcomeOf(inspect(nluOnly))).to.equal('archive-incomplete')
  })

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
    expect(await inspect(anArchive(), { accept: new Set(['archive-incomplete']) })).not.to.have.property(
      'accepted',
    )
  })

  it('takes a folder that only its content implies', async () => {
    const members = archiveMembers().filter(({ path }) => path !== 'components/train_RulePolicy0/')
    expect((await inspect(gzipOf(tarOf(members)))).warnings).to.be.empty
  })

  it('does not take a file for a folder', async () => {
    const members = [{ path: 'components/train_RulePolicy0', content: '' }]
    const archive = anArchive({ without: ['components/train_RulePolicy0/'], members })
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
        { uses: 'own.Class', resource: { name: `r${index}` } },
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
