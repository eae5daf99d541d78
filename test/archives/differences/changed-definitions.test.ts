import { expect } from 'chai'
import { readDefinitions } from '../../../archives/definitions/read-definitions.ts'
import { changedDefinitions } from '../../../archives/differences/changed-definitions.ts'
import type { ChangedDefinitions } from '../../../archives/differences/changed-definitions.ts'
import { compareArchives } from '../../../archives/differences/compare-archives.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { inspect } from '../inspect.ts'

/** What the archive says under metadata.json's keys. */
type Metadata = Record<string, unknown>

async function read(metadata: Metadata) {
  const bytes = anArchive({ metadata })
  const facts = await inspect(bytes)
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(bytes)
  }
  return { digest: 'a', size: bytes.length, facts, definitions: await readDefinitions(chunks()) }
}

async function changesBetween(before: Metadata, after: Metadata): Promise<ChangedDefinitions> {
  const [from, to] = [await read(before), await read(after)]
  return changedDefinitions(compareArchives(from, to), from, to)
}

const component = (config: object) => ({
  needs: {},
  uses: 'rasa.nlu.classifiers.keyword_intent_classifier.KeywordIntentClassifier',
  constructor_name: 'load',
  fn: 'process',
  config,
  eager: true,
  is_target: false,
  is_input: false,
  resource: null,
})
const pipeline = (...configs: object[]) => ({
  predict_schema: {
    nodes: Object.fromEntries(
      configs.map((config, place) => [`run_KeywordIntentClassifier${place}`, component(config)]),
    ),
  },
})

describe('the old and the new text of what was changed', () => {
  it('is told of responses and slots, and of nothing that stayed', async () => {
    const domain = (text: string, type: string) => ({
      domain: {
        responses: { utter_hello: [{ text }], utter_bye: [{ text: 'Bye' }] },
        slots: { bread: { type } },
      },
    })
    expect(await changesBetween(domain('Hello', 'text'), domain('Good morning', 'bool'))).to.deep.equal({
      slots: { bread: { before: 'type: text', after: 'type: bool' } },
      responses: { utter_hello: { before: '- text: Hello', after: '- text: Good morning' } },
    })
  })

  it('is that of the component that stood there before, not of the one at the same place', async () => {
    const changes = await changesBetween(
      pipeline({ case: 'old' }, { case: 'kept' }),
      pipeline({ case: 'kept' }, { case: 'new' }),
    )
    expect(changes).to.deep.equal({
      pipeline: { 'KeywordIntentClassifier (2)': { before: 'case: old', after: 'case: new' } },
    })
  })

  it('is bounded: of many long definitions, those that do not fit are left out', async () => {
    const many = (text: string) => ({
      domain: {
        responses: Object.fromEntries(
          Array.from({ length: 300 }, (_, index) => [`utter_${index}`, [{ text: text.repeat(3000) }]]),
        ),
      },
    })
    const { responses = {} } = await changesBetween(many('a'), many('b'))
    expect(Object.keys(responses).length).to.be.within(50, 100)
    expect(JSON.stringify(responses).length).to.be.below(300_000)
  })
})
