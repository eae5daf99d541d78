import { shortClass } from '../metadata/graph.ts'

/** What the folder of a component is to have, as Rasa's code reads it. */
export interface ComponentRule {
  /**
   * Where the folder is missing: `needed`, no bot can load the model, or it fails every message; `expected`, that
   * may be right where nothing was learned, or else messages are not understood; `optional`, nobody need know.
   */
  folder: 'needed' | 'expected' | 'optional'
  /** Files without which a folder that is there cannot be loaded, for the component of this name. */
  files?: (resource: string) => readonly string[]
  /** Such files as make the others needed: without one of them the component has learned nothing. */
  ifAny?: readonly string[]
}

const OPTIONAL: ComponentRule = { folder: 'optional' }

/** What every network of Rasa's writes beside its weights (rasa/nlu/classifiers/diet_classifier.py, persist). */
function networkFiles(name: string): string[] {
  const endings = [
    'data_example.st',
    'data_example_metadata.json',
    'label_data.st',
    'label_data_metadata.json',
    'entity_tag_specs.json',
    'tf_model.index',
    'tf_model.data-00000-of-00001',
  ]
  return endings.map((ending) => `${name}.${ending}`)
}

function dietFiles(name: string): string[] {
  return [...networkFiles(name), `${name}.sparse_feature_sizes.json`, `${name}.index_label_id_mapping.json`]
}

/** rasa/core/policies/ted_policy.py, persist_model_utilities. */
function policyFiles(name: string): string[] {
  const endings = ['fake_features.st', 'fake_features_metadata.json', 'priority.json', 'meta.json']
  return [...networkFiles(name), ...endings.map((ending) => `${name}.${ending}`)]
}

/**
 * Read in Rasa 3.6.21 and compared with what it does (test/rasa/archive-matrix.test.ts). Most `load()` methods
 * catch `ValueError`, which a missing folder is, and start untrained without a word; a missing file mostly is
 * another error, with which the load fails.
 */
const RULES: Readonly<Record<string, ComponentRule>> = {
  DomainProvider: { folder: 'needed', files: () => ['domain.yml'] },
  RuleOnlyDataProvider: { folder: 'optional', files: () => ['rule_only_data.json'] },
  // Its training always writes a folder, and nothing into it where no word was common enough.
  CountVectorsFeaturizer: {
    folder: 'needed',
    files: () => ['vocabularies.json', 'oov_words.json'],
    ifAny: ['vocabularies.json', 'oov_words.json'],
  },
  LexicalSyntacticFeaturizer: { folder: 'expected', files: () => ['feature_to_idx_dict.json'] },
  RegexFeaturizer: { folder: 'expected' },
  KeywordIntentClassifier: { folder: 'needed', files: () => ['KeywordIntentClassifier.json'] },
  LogisticRegressionClassifier: { folder: 'needed', files: (resource) => [`${resource}.skops`] },
  SklearnIntentClassifier: {
    folder: 'expected',
    files: () => ['SklearnIntentClassifier_classifier.skops', 'SklearnIntentClassifier_encoder.json'],
  },
  MitieIntentClassifier: { folder: 'expected' },
  // Nothing is written where NLU data has fewer than two intents, which the domain does not tell.
  DIETClassifier: { folder: 'expected', files: () => dietFiles('DIETClassifier') },
  ResponseSelector: {
    folder: 'optional',
    files: () => [
      ...dietFiles('ResponseSelector'),
      'ResponseSelector.responses.json',
      'ResponseSelector.retrieval_intents.json',
    ],
  },
  CRFEntityExtractor: { folder: 'optional', files: () => ['crf_dataset.json', 'crf_order.json'] },
  RulePolicy: { folder: 'needed', files: () => ['rule_policy.json'] },
  TEDPolicy: {
    folder: 'optional',
    files: () => policyFiles('ted_policy'),
    ifAny: ['ted_policy.data_example.st'],
  },
  UnexpecTEDIntentPolicy: {
    folder: 'optional',
    files: () => [...policyFiles('unexpected_intent_policy'), 'unexpected_intent_policy.label_quantiles.st'],
    ifAny: ['unexpected_intent_policy.data_example.st'],
  },
}

/** What is asked of the folder of a class; of classes that are not Rasa's nothing is. */
export function ruleFor(uses: string): ComponentRule {
  const name = shortClass(uses)
  return uses.startsWith('rasa.') && Object.hasOwn(RULES, name) ? (RULES[name] ?? OPTIONAL) : OPTIONAL
}
