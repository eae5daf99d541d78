import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import type { TarMember } from './tar-builder.ts'

/** What a built archive is to look like; the same options give the same bytes. */
export interface ArchiveOptions {
  /** 32 hex digits; drawn anew for every archive where it is absent. */
  modelId?: string
  /** As Rasa writes it: UTC without a zone. */
  trainedAt?: string
  rasaVersion?: string
  /** Bytes of one more component's file, to make the archive as large as wanted. */
  payloadBytes?: number
  /** `true`: the payload is all zeros, instead of bytes that no compression shortens. */
  compressible?: boolean
  /** Keys of `metadata.json` to be set or, with `undefined`, to be left out. */
  metadata?: Record<string, unknown>
  /** Members added before `metadata.json`, or put in the place of those with the same path. */
  members?: TarMember[]
  /** Paths left out, with everything below them. */
  without?: string[]
}

/** The members of anArchive(), to be spoilt before they are packed. */
export function archiveMembers(options: ArchiveOptions = {}): TarMember[] {
  const modelId = options.modelId ?? randomBytes(16).toString('hex')
  const members: TarMember[] = [
    { path: '/', mode: 0o700 },
    { path: 'components/', mode: 0o700 },
    { path: 'components/domain_provider/' },
    { path: 'components/domain_provider/domain.yml', content: 'version: "3.1"\nintents:\n- hello\n' },
    { path: 'components/train_KeywordIntentClassifier1/' },
    {
      path: 'components/train_KeywordIntentClassifier1/KeywordIntentClassifier.json',
      content: '{"hello": "hello"}',
    },
    { path: 'components/train_RulePolicy0/' },
    { path: 'components/train_RulePolicy0/rule_policy.json', content: '{"lookup": {"rules": {}}}' },
    ...payloadMembers(modelId, options),
  ]
  const metadata = {
    path: 'metadata.json',
    content: JSON.stringify(aMetadata({ ...options, modelId }), null, 2),
  }
  const replaced = [...members, metadata].map(
    (member) => options.members?.find(({ path }) => path === member.path) ?? member,
  )
  const added = options.members?.filter(({ path }) => !replaced.some((member) => member.path === path)) ?? []
  replaced.splice(-1, 0, ...added)
  return replaced
    .filter(({ path }) => !options.without?.some((left) => isAtOrBelow(String(path), left)))
    .map((member) => ({ pax: { mtime: '1795423515.5805712' }, ...member }))
}

/** What stands in `metadata.json` of anArchive(). */
function aMetadata(options: ArchiveOptions = {}): Record<string, unknown> {
  const node = (uses: string, resource: string | null) => ({
    needs: {},
    uses,
    constructor_name: 'load',
    fn: 'process',
    config: {},
    eager: true,
    is_target: false,
    is_input: false,
    resource: resource && { name: resource, output_fingerprint: '5f3a' },
  })
  return {
    domain: {
      version: '3.1',
      intents: ['hello', 'goodbye'],
      entities: ['bread'],
      slots: { bread: { type: 'text' } },
      responses: { utter_hello: [{ text: 'Good morning.' }] },
      forms: { order_form: { required_slots: ['bread'] } },
      actions: ['action_order'],
    },
    trained_at: options.trainedAt ?? '2026-11-23T08:45:15.580571',
    model_id: options.modelId ?? randomBytes(16).toString('hex'),
    assistant_id: 'bakery-helper',
    rasa_open_source_version: options.rasaVersion ?? '3.6.21',
    train_schema: { nodes: {} },
    predict_schema: {
      nodes: {
        domain_provider: node(
          'rasa.graph_components.providers.domain_provider.DomainProvider',
          'domain_provider',
        ),
        run_KeywordIntentClassifier1: node(
          'rasa.nlu.classifiers.keyword_intent_classifier.KeywordIntentClassifier',
          'train_KeywordIntentClassifier1',
        ),
        run_RegexMessageHandler: node('rasa.nlu.classifiers.regex_message_handler.RegexMessageHandler', null),
        run_RulePolicy0: node('rasa.core.policies.rule_policy.RulePolicy', 'train_RulePolicy0'),
        select_prediction: node('rasa.core.policies.ensemble.DefaultPolicyPredictionEnsemble', null),
      },
    },
    training_type: 3,
    project_fingerprint: null,
    // A graph of the test's own has other nodes.
    core_target: options.metadata?.['predict_schema'] ? null : 'select_prediction',
    nlu_target: options.metadata?.['predict_schema'] ? null : 'run_RegexMessageHandler',
    language: 'en',
    spaces: null,
    ...options.metadata,
  }
}

/** Bytes that look random, the same for the same seed. */
export function noise(seed: string, bytes: number): Buffer {
  const key = createHash('sha256').update(seed).digest()
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes))
}

function payloadMembers(modelId: string, { payloadBytes, compressible }: ArchiveOptions): TarMember[] {
  if (payloadBytes === undefined) return []
  const content = compressible ? Buffer.alloc(payloadBytes) : noise(modelId, payloadBytes)
  return [{ path: 'components/weights/' }, { path: 'components/weights/weights.bin', content }]
}

function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}
