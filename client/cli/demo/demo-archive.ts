import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

const BLOCK = 512
const PROVIDER = 'rasa.graph_components.providers.domain_provider.DomainProvider'
const CLASSIFIER = 'rasa.nlu.classifiers.keyword_intent_classifier.KeywordIntentClassifier'
const TRAINED = 'train_KeywordIntentClassifier0'

/**
 * A small archive as Rasa 3 writes it, with a classifier that knows some words. A server takes it for a model; it was not
 * trained by anything.
 *
 * @param intents What the classifier knows; other ones are another archive.
 */
export function demoArchive(intents: readonly string[]): Buffer {
  const words = Object.fromEntries(intents.map((intent) => [intent, intent]))
  return tarGzip([
    [
      'components/domain_provider/domain.yml',
      `version: "3.1"\nintents:\n${intents.map((each) => `- ${each}\n`).join('')}`,
    ],
    [`components/${TRAINED}/KeywordIntentClassifier.json`, JSON.stringify(words)],
    ['metadata.json', JSON.stringify(metadata(intents))],
  ])
}

function metadata(intents: readonly string[]): Record<string, unknown> {
  const node = (uses: string, resource: string): Record<string, unknown> => ({
    needs: {},
    uses,
    constructor_name: 'load',
    fn: 'process',
    config: {},
    eager: true,
    is_target: false,
    is_input: false,
    resource: { name: resource, output_fingerprint: 'demo' },
  })
  return {
    domain: { version: '3.1', intents, entities: [], slots: {}, responses: {}, forms: {}, actions: [] },
    trained_at: '2026-11-01T00:00:00.000000',
    model_id: createHash('sha256').update(intents.join(' ')).digest('hex').slice(0, 32),
    assistant_id: 'demo',
    rasa_open_source_version: '3.6.21',
    train_schema: { nodes: {} },
    predict_schema: {
      nodes: {
        domain_provider: node(PROVIDER, 'domain_provider'),
        run_KeywordIntentClassifier0: node(CLASSIFIER, TRAINED),
      },
    },
    training_type: 1,
    project_fingerprint: null,
    core_target: null,
    language: 'en',
    spaces: null,
    nlu_target: 'run_KeywordIntentClassifier0',
  }
}

function tarGzip(files: readonly (readonly [string, string])[]): Buffer {
  return gzipSync(Buffer.concat([...files.flatMap(member), Buffer.alloc(2 * BLOCK)]))
}

/** A file in a tar archive (POSIX.1-1988 ustar): its header, its content, and zeros up to a whole block. */
function member([name, text]: readonly [string, string]): Buffer[] {
  const content = Buffer.from(text)
  const header = Buffer.alloc(BLOCK)
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`
  header.write(name, 0)
  header.write(octal(0o644, 7), 100)
  header.write(octal(content.length, 11), 124)
  header.write(octal(0, 11), 136)
  header.write('        0', 148)
  header.write('ustar\x0000', 257)
  // The sum is taken with blanks in its own place, which stand there.
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return [header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]
}
