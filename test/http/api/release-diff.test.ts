import { readFile, rm } from 'node:fs/promises'
import { expect } from 'chai'
import { releaseDiffSchema } from '../../../protocol/release-diff.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { aServer } from '../../support/server-under-test.ts'

const RELEASES = '/api/v1/models/shop/releases'
const fixture = (name: string) => readFile(new URL(`../../fixtures/archives/${name}`, import.meta.url))

describe('comparing two releases', () => {
  it('tells what differs between two archives that Rasa trained', async () => {
    const { request, publish } = await aServer()
    await publish(await fixture('rasa-3.6-light-v1.tar.gz'))
    await publish(await fixture('rasa-3.6-light-v2.tar.gz'))
    const { status, body } = await request.get(`${RELEASES}/1/diff/2`)
    expect(status).to.equal(200)
    const found = releaseDiffSchema.strict().parse(body)
    expect(found).to.deep.include({ model: 'shop', from: 1, to: 2, isSame: false })
    expect(found.lists.intents).to.deep.include({ added: ['birthday_cake'], removed: [], from: 4, to: 5 })
    expect(found.lists.responses).to.deep.include({ added: ['utter_birthday_cake'] })
    expect(found.lists.pipeline).to.deep.include({ compared: 'whole', added: [], removed: [], changed: [] })
    expect(found.values).to.have.property('size')
  })

  it('tells what changed inside of a definition, also where the releases are compared the other way round', async () => {
    const { request, publish } = await aServer()
    const domain = (text: string) => ({ intents: ['hello'], responses: { utter_hello: [{ text }] } })
    await publish(anArchive({ metadata: { domain: domain('Hello') } }))
    await publish(anArchive({ metadata: { domain: domain('Good morning') } }))
    for (const [from, to] of ['12', '21']) {
      const { body } = await request.get(`${RELEASES}/${String(from)}/diff/${String(to)}`)
      expect(releaseDiffSchema.parse(body).lists.responses.changed).to.deep.equal(['utter_hello'])
    }
  })

  it('tells the old and the new text of what was changed where it is asked to', async () => {
    const { request, publish } = await aServer()
    const domain = (text: string) => ({ intents: ['hello'], responses: { utter_hello: [{ text }] } })
    await publish(anArchive({ metadata: { domain: domain('Hello') } }))
    await publish(anArchive({ metadata: { domain: domain('Good morning') } }))
    const { body } = await request.get(`${RELEASES}/1/diff/2?definitions=true`)
    const { lists } = releaseDiffSchema.strict().parse(body)
    expect(lists.responses.definitions).to.deep.equal({
      utter_hello: { before: '- text: Hello', after: '- text: Good morning' },
    })
    expect(lists.intents.definitions).to.deep.equal({})
    const plain = releaseDiffSchema.parse((await request.get(`${RELEASES}/1/diff/2`)).body)
    expect(plain.lists.responses.definitions).to.equal(undefined)
    expect((await request.get(`${RELEASES}/1/diff/2?definitions=perhaps`)).body.code).to.equal(
      'invalid-parameter',
    )
  })

  it('says why the text is not known where an archive is damaged, and what differs all the same', async () => {
    const { request, publish, blobFile } = await aServer()
    const domain = (text: string) => ({ responses: { utter_hello: [{ text }] } })
    await publish(anArchive({ metadata: { domain: domain('Hello') } }))
    const { digest } = await publish(anArchive({ metadata: { domain: domain('Good morning') } }))
    await rm(blobFile(digest))
    const { status, body } = await request.get(`${RELEASES}/1/diff/2?definitions=true`)
    const { definitionsUnread, lists } = releaseDiffSchema.parse(body)
    expect([status, lists.responses.changed]).to.deep.equal([200, ['utter_hello']])
    expect(definitionsUnread).to.be.a('string').with.length.above(0)
    expect(lists.responses.definitions).to.equal(undefined)
  })

  for (const [what, path, status, code] of [
    ['of no model', '/api/v1/models/nowhere/releases/1/diff/2', 404, 'model-not-found'],
    ['of which the first is not there', `${RELEASES}/9/diff/1`, 404, 'release-not-found'],
    ['of which the second is not there', `${RELEASES}/1/diff/9`, 404, 'release-not-found'],
    ['of which the second is no number', `${RELEASES}/1/diff/latest`, 400, 'invalid-parameter'],
    ['of which the second is zero', `${RELEASES}/1/diff/0`, 400, 'invalid-parameter'],
  ] as const) {
    it(`two releases ${what}: ${status} ${code}`, async () => {
      const { request, publish } = await aServer()
      await publish(anArchive())
      expect((await request.get(path)).body).to.include({ status, code })
    })
  }
})
