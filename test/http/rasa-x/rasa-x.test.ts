import { expect } from 'chai'
import fc from 'fast-check'
import { newProcessName } from '../../../protocol/process-name.ts'
import { translateRasaX } from '../../../server/http/rasa-x/rasa-x-address.ts'
import { aToken } from '../../support/a-token.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'

const MODELS = '/api/projects/default/models'
const TOKEN = 'api_token=the-publish-token'

function aRasaX(): Promise<ServerUnderTest> {
  return aServer({
    publishToken: 'the-publish-token',
    pullToken: 'the-pull-token',
    env: { SLIPWAY_RASA_X: 'on' },
  })
}

/** As `curl -F "model=@name.tar.gz"` of the guide of Rasa X. */
function upload({ url }: ServerUnderTest, name: string, query = TOKEN): Promise<Response> {
  const form = new FormData()
  form.append('model', new Blob([Uint8Array.from(anArchive())]), name)
  return fetch(`${url}${MODELS}?${query}`, { method: 'POST', body: form })
}

describe('a server that stands in for Rasa X', () => {
  it('takes the two commands of its guide for CI: upload, then tag', async () => {
    const server = await aRasaX()
    expect((await upload(server, '20190430-131215.tar.gz')).status).to.equal(201)
    expect((await upload(server, '20190501-090000.tar.gz')).status).to.equal(201)
    const tagged = await fetch(`${server.url}${MODELS}/20190430-131215/tags/production?${TOKEN}`, {
      method: 'PUT',
    })
    expect(tagged.status).to.equal(204)
    expect(server.current.find('default', 'production')?.number).to.equal(1)
  })

  for (const root of [MODELS, '/api/models']) {
    it(`serves what a tag selects at ${root}/tags/…, as it serves a model: the bot is seen`, async () => {
      const server = await aRasaX()
      await upload(server, 'one.tar.gz')
      const process = newProcessName()
      const address = `${server.url}${root}/tags/latest?token=the-pull-token`
      const first = await fetch(address, { headers: { 'If-None-Match': process } })
      expect(first.status).to.equal(200)
      expect(first.headers.get('filename')).to.equal('one.tar.gz')
      await first.arrayBuffer()
      const tag = first.headers.get('etag') ?? ''
      expect(tag).to.contain(process)
      const again = await fetch(address, { headers: { 'If-None-Match': tag } })
      expect(again.status).to.equal(304)
      expect([...server.fleet.memory.records()]).to.have.length(1)
    })
  }

  it('lists models as Rasa X does, by tag too, and sends one by its name', async () => {
    const server = await aRasaX()
    for (const name of ['a', 'b', 'c']) await upload(server, `${name}.tar.gz`)
    await fetch(`${server.url}${MODELS}/b/tags/production?${TOKEN}`, { method: 'PUT' })
    const list = async (query: string): Promise<{ names: string[]; total: string | null }> => {
      const answer = await fetch(`${server.url}${MODELS}?${TOKEN}${query}`)
      const items = (await answer.json()) as { model: string }[]
      return { names: items.map(({ model }) => model), total: answer.headers.get('x-total-count') }
    }
    expect(await list('')).to.deep.equal({ names: ['c', 'b', 'a'], total: '3' })
    expect(await list('&limit=1&offset=1')).to.deep.equal({ names: ['b'], total: '3' })
    expect(await list('&tag=production')).to.deep.equal({ names: ['b'], total: '1' })
    const { body } = await server.request.get(`${MODELS}?${TOKEN}&tag=production`)
    const [model] = body as { tags: string[]; hash: string; trained_at: number; is_compatible: boolean }[]
    expect(model).to.include({ is_compatible: true })
    expect(model?.tags).to.deep.equal(['production'])
    expect(model?.trained_at).to.be.a('number')
    const archive = await fetch(`${server.url}${MODELS}/a?${TOKEN}`)
    expect(archive.headers.get('etag')).to.match(/^"[0-9a-f]{64}"$/)
    expect((await archive.arrayBuffer()).byteLength).to.be.greaterThan(0)
  })

  it('removes a tag, and answers 404 for what is not there', async () => {
    const server = await aRasaX()
    await upload(server, 'a.tar.gz')
    const send = async (method: string, path: string): Promise<number> =>
      (await fetch(`${server.url}${MODELS}${path}?${TOKEN}`, { method })).status
    expect(await send('PUT', '/a/tags/production')).to.equal(204)
    expect(await send('DELETE', '/a/tags/production')).to.equal(204)
    expect(await send('DELETE', '/a/tags/production')).to.equal(404)
    expect(await send('PUT', '/none/tags/production')).to.equal(404)
    expect(await send('GET', '/none')).to.equal(404)
    expect(await send('GET', '/tags/none')).to.equal(404)
  })

  it('asks for the same tokens as everywhere', async () => {
    const server = await aRasaX()
    expect((await upload(server, 'a.tar.gz', '')).status).to.equal(401)
    expect((await upload(server, 'a.tar.gz', 'api_token=the-pull-token')).status).to.equal(403)
    expect((await upload(server, 'a.tar.gz', 'token=the-publish-token')).status).to.not.equal(201)
    const put = await fetch(`${server.url}${MODELS}/a/tags/production?api_token=the-pull-token`, {
      method: 'PUT',
    })
    expect(put.status).to.equal(403)
    expect((await fetch(`${server.url}${MODELS}/tags/latest`)).status).to.equal(401)
  })

  it('sends a model by its name to whom it sends the archive of a release, and to nobody who may only read', async () => {
    const server = await aRasaX()
    await upload(server, 'a.tar.gz')
    const statusFor = async (grant: string) => {
      const token = await aToken(server, [grant], grant)
      const answer = await fetch(`${server.url}${MODELS}/a?api_token=${token}`)
      await answer.arrayBuffer()
      return answer.status
    }
    expect(await statusFor('read')).to.equal(403)
    expect(await statusFor('publish')).to.equal(403)
    expect(await statusFor('manage')).to.equal(200)
  })

  it('answers none of these addresses unless it is told to', async () => {
    const { url, request } = await aServer()
    expect((await fetch(`${url}${MODELS}/tags/latest`)).status).to.equal(404)
    expect((await request.get('/rasa-x/default/files')).status).to.equal(404)
  })
})

describe('translateRasaX', () => {
  it('leaves every address of ours as it is', () => {
    for (const url of [
      '/models/shop',
      '/api/v1/models',
      '/api/v1/models/shop/tags/x',
      '/api/modelsx',
      '/',
      '',
    ])
      expect(translateRasaX('GET', url)).to.equal(undefined)
  })

  it('never keeps the token in the address, whatever else is there', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.webQueryParameters(),
        fc.constantFrom('GET', 'POST', 'PUT'),
        (token, more, method) => {
          const query = `${new URLSearchParams({ api_token: token }).toString()}&${more}`
          const translated = translateRasaX(method, `${MODELS}?${query}`)
          expect(translated?.token).to.equal(new URLSearchParams(query).get('api_token'))
          expect(new URLSearchParams(translated?.url.split('?')[1]).has('api_token')).to.equal(false)
        },
      ),
      { numRuns: 30 },
    )
  })
})
