import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { DEFAULT_ARCHIVE_LIMITS } from '../../archives/archive-limits.ts'
import { anArchive, aRasa2Archive, gzipOf, tarOf } from '../support/archive-builder.ts'
import { inspect } from './inspect.ts'

const LARGE_METADATA = { ...DEFAULT_ARCHIVE_LIMITS, metadataBytes: 16 * 1024 * 1024 }

const fixture = (name: string) => readFile(new URL(`../fixtures/archives/${name}`, import.meta.url))

describe('what inspection learns', () => {
  it('reads metadata.json of Rasa 3', async () => {
    expect(await inspect(await fixture('rasa-3.6-light-v1.tar.gz'))).to.deep.equal({
      format: 3,
      rasaVersion: '3.6.21',
      trainedAt: '2026-11-23T08:45:15.580Z',
      modelId: '316eb2f947724da683cbb9d2858ec96b',
      assistantId: 'bakery-helper',
      language: 'en',
      trainingType: 'both',
      intents: ['hello', 'opening_hours', 'order_bread', 'thanks'],
      entities: ['bread'],
      responses: ['utter_hello', 'utter_opening_hours', 'utter_order_bread', 'utter_thanks'],
      pipeline: [
        'WhitespaceTokenizer',
        'CountVectorsFeaturizer',
        'CountVectorsFeaturizer',
        'LogisticRegressionClassifier',
        'EntitySynonymMapper',
      ],
      policies: ['MemoizationPolicy', 'RulePolicy'],
      definitions: {
        responses: ['c76db585', '18ba332e', '5ca3ceb6', 'fbe3c2d5'],
        pipeline: ['', '', 'c3a04730', 'e466f136', ''],
      },
      unpackedSize: 102_400,
      members: 24,
      warnings: [],
    })
  })

  it('reads what a Rasa 2 archive says', async () => {
    const facts = await inspect(await fixture('rasa-2.8-light-v1.tar.gz'))
    expect(facts).to.deep.equal({
      format: 2,
      rasaVersion: '2.8.34',
      trainedAt: '2026-11-23T08:49:38.616Z',
      language: 'en',
      trainingType: 'both',
      ...lists(facts),
      definitions: {},
      unpackedSize: 40_960,
      members: 15,
      executables: [{ format: 'pickle', files: 1, first: ['nlu/component_1_CountVectorsFeaturizer.pkl'] }],
      warnings: [{ code: 'can-run-code', message: facts.warnings[0]?.message }],
    })
  })

  it('warns of archives with NLU or Core alone', async () => {
    const nlu = await inspect(await fixture('rasa-3.6-nlu-only.tar.gz'))
    expect(nlu.trainingType).to.equal('nlu')
    expect(nlu.warnings.map(({ code }) => code)).to.deep.equal(['nlu-only'])
    const core = await inspect(await fixture('rasa-3.6-core-only.tar.gz'))
    expect(core.trainingType).to.equal('core')
    expect(core.warnings.map(({ code }) => code)).to.deep.equal(['core-only'])
  })

  it('tells NLU and Core of Rasa 2 by their folders', async () => {
    const fingerprint = { path: 'fingerprint.json', content: '{"version": "1.10.15"}' }
    const nlu = await inspect(gzipOf(tarOf([fingerprint, { path: 'nlu/' }])))
    expect(nlu.warnings.map(({ code }) => code)).to.deep.equal(['nlu-only'])
    const core = await inspect(gzipOf(tarOf([fingerprint, { path: 'core/domain.yml', content: 'x' }])))
    expect(core.warnings.map(({ code }) => code)).to.deep.equal(['core-only'])
  })

  it('takes null for what there is not', async () => {
    const facts = await inspect(
      anArchive({ metadata: { assistant_id: null, language: null, core_target: null } }),
    )
    expect(facts).to.not.have.any.keys('assistantId', 'language')
  })

  it('sorts names, keeps each once, and finds them in every shape that Rasa writes', async () => {
    const domain = {
      intents: ['thanks', { hello: { use_entities: [] } }, 'thanks'],
      entities: [{ city: { roles: ['from', 'to'] } }, 'bread'],
      forms: ['old_form'],
      actions: [{ action_order: { send_domain: true } }],
      slots: { b: {}, a: {} },
      responses: 5,
    }
    expect(await inspect(anArchive({ metadata: { domain } }))).to.deep.include({
      intents: ['hello', 'thanks'],
      entities: ['bread', 'city'],
      forms: ['old_form'],
      actions: ['action_order'],
      slots: ['a', 'b'],
    })
  })

  it('cuts long lists and says how long they were', async () => {
    const intents = Array.from({ length: 170_000 }, (_, index) => `intent_${String(index).padStart(6, '0')}`)
    const facts = await inspect(anArchive({ metadata: { domain: { intents } } }), { limits: LARGE_METADATA })
    expect(facts.intents).to.have.length(1000)
    expect(facts.intents?.at(-1)).to.equal('intent_000999')
    expect(facts.cut).to.deep.equal({ intents: 170_000 })
  })

  it('keeps at most 256 KiB, whatever the names', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `${index} ${'面'.repeat(199)}`)
    const domain = Object.fromEntries(
      ['intents', 'entities', 'slots', 'responses', 'forms', 'actions'].map((list) => [list, names]),
    )
    const nodes = Object.fromEntries(
      names.map((name, index) => [`run_x${index}`, { uses: name, resource: { name } }]),
    )
    const facts = await inspect(anArchive({ metadata: { domain, predict_schema: { nodes } } }), {
      limits: LARGE_METADATA,
    })
    expect(Buffer.byteLength(JSON.stringify(facts))).to.be.lessThan(256 * 1024)
    expect(facts.cut).to.include({ intents: 1000, actions: 1000, pipeline: 1000 })
  })

  it('cuts long names, and mends those that are not well-formed', async () => {
    const facts = await inspect(
      anArchive({ modelId: 'i'.repeat(5000), metadata: { domain: { intents: ['\ud800'] } } }),
    )
    expect(facts.modelId).to.have.length(200)
    expect(facts.intents).to.deep.equal(['\ufffd'])
  })

  for (const [trainedAt, expected] of [
    ['2026-11-23T08:45:15.580571', '2026-11-23T08:45:15.580Z'],
    ['2026-11-23T08:45:15', '2026-11-23T08:45:15.000Z'],
    ['2026-11-23 08:45:15.5', '2026-11-23T08:45:15.500Z'],
    ['2026-11-23T08:45:15.580571+02:00', '2026-11-23T06:45:15.580Z'],
    ['2026-11-23T08:45:15Z', '2026-11-23T08:45:15.000Z'],
  ] as const) {
    it(`reads the time ${trainedAt} as UTC`, async () => {
      expect((await inspect(anArchive({ trainedAt }))).trainedAt).to.equal(expected)
    })
  }

  it('knows end-to-end training, and passes over types that it does not know', async () => {
    expect((await inspect(anArchive({ metadata: { training_type: 4 } }))).trainingType).to.equal('end-to-end')
    expect(await inspect(anArchive({ metadata: { training_type: 5 } }))).to.not.have.property('trainingType')
  })

  it('takes a Rasa 2 archive whose additional files cannot be read', async () => {
    const facts = await inspect(
      gzipOf(
        tarOf([
          { path: 'fingerprint.json', content: '{"version": "2.8.34", "trained_at": null}' },
          { path: 'nlu/metadata.json', content: '{{{' },
          { path: 'core/domain.json', content: '[]' },
        ]),
      ),
    )
    expect(facts).to.deep.include({ format: 2, rasaVersion: '2.8.34', trainingType: 'both' })
    expect(facts).to.not.have.any.keys('language', 'intents', 'trainedAt')
  })

  it('reads a Rasa 2 time in seconds', async () => {
    expect((await inspect(aRasa2Archive({ trainedAt: 1_600_000_000 }))).trainedAt).to.equal(
      '2020-09-13T12:26:40.000Z',
    )
  })
})

/** The lists come from core/domain.json, whose content is not what is asked here. */
function lists(facts: object): object {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => Array.isArray(value)))
}
