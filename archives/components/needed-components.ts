import { isRecord } from '../metadata/typed-value.ts'

/** Of what a component's need depends on. */
export interface ComponentUse {
  /** Path of the Python class. */
  uses: string
  config: Record<string, unknown>
  /** Whether the training had at least two intents to tell apart, as far as can be seen. */
  classifies: boolean
}

/** Without their folder every message fails or is not understood, and training always writes it. */
const ALWAYS: ReadonlySet<string> = new Set([
  // Seen with 3.6.21: the load fails.
  'DomainProvider',
  // Seen with 3.6.21: every /model/parse is a 500. LogisticRegression asks an unfitted classifier;
  // CountVectors leaves its features out, and the classifier behind it gets a matrix of another width.
  'LogisticRegressionClassifier',
  'CountVectorsFeaturizer',
  // Seen with 3.6.21: messages are parsed, but no rule answers them.
  'RulePolicy',
  // Read in 3.6.21: load() catches ValueError and starts with no patterns, or no features, or no keywords.
  // The featurizers then change the width as CountVectors does; the keywords match no message.
  'RegexFeaturizer',
  'LexicalSyntacticFeaturizer',
  'KeywordIntentClassifier',
])

/**
 * Read in 3.6.21: load() catches ValueError, and every message has no intent. Training writes nothing either
 * where there are fewer than two intents to tell apart (`_check_enough_labels`), so that then it may be
 * as it should.
 */
const WHERE_INTENTS_ARE_TOLD_APART: ReadonlySet<string> = new Set([
  'DIETClassifier',
  'SklearnIntentClassifier',
  'MitieIntentClassifier',
])

/**
 * Whether a bot is broken where this component's folder is missing. No for whatever may rightly have written
 * nothing, or can do without:
 *
 * - custom classes: nobody knows;
 * - MemoizationPolicy (seen to answer all the same), EntitySynonymMapper (no synonyms, no folder);
 * - TEDPolicy and UnexpecTEDIntentPolicy (a bot with rules alone trains neither), ResponseSelector (without
 *   retrieval intents), CRFEntityExtractor, MitieEntityExtractor, RegexEntityExtractor (without annotated
 *   entities or patterns), JiebaTokenizer (without a dictionary of one's own).
 */
export function isNeeded({ uses, config, classifies }: ComponentUse): boolean {
  if (!uses.startsWith('rasa.')) return false
  const name = uses.slice(uses.lastIndexOf('.') + 1)
  if (ALWAYS.has(name)) return true
  return WHERE_INTENTS_ARE_TOLD_APART.has(name) && classifies && config['intent_classification'] !== false
}

/** A component's settings, or none where they are of no known shape. */
export function configOf(node: Record<string, unknown>): Record<string, unknown> {
  return isRecord(node['config']) ? node['config'] : {}
}
