import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { version } from '../../../server/config/version.ts'
import { aServer } from '../../support/server-under-test.ts'

const guarded = { publishToken: 'publish-secret', pullToken: 'pull-secret' }

describe('the pages', () => {
  for (const path of ['/', '/docs', '/openapi.json']) {
    it(`${path} is open to everybody`, async () => {
      const { request } = await aServer(guarded)
      expect((await request.get(path)).status).to.equal(200)
    })

    it(`${path} answers HEAD as GET, without content`, async () => {
      const { request } = await aServer()
      const [get, head] = [await request.get(path), await request.head(path)]
      expect([head.status, head.text]).to.deep.equal([200, undefined])
      expect(head.headers['content-length']).to.equal(get.headers['content-length'])
      expect(head.headers['content-type']).to.equal(get.headers['content-type'])
    })

    it(`${path} answers other methods with 405 and Allow`, async () => {
      const { request } = await aServer()
      const { status, headers, body } = await request.post(path)
      expect([status, headers['allow'], body.code]).to.deep.equal([405, 'GET, HEAD', 'method-not-allowed'])
    })
  }

  it('/docs may load nothing and run nothing; its one style sheet is named by its hash', async () => {
    const { request } = await aServer()
    const { text, headers } = await request.get('/docs')
    const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(text) ?? []
    const hash = createHash('sha256').update(style).digest('base64')
    expect(String(headers['content-security-policy']).split('; ')).to.include.members([
      "default-src 'none'",
      `style-src 'sha256-${hash}'`,
      "frame-ancestors 'none'",
    ])
    expect(text).to.not.match(/<script|<link|<img|style="|="https?:/)
  })

  it('/docs shows every operation, and links to nothing that is not on it', async () => {
    const { request } = await aServer()
    const { text } = await request.get('/docs')
    const { body } = await request.get('/openapi.json')
    const ids = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    for (const methods of Object.values<Record<string, { operationId: string }>>(body.paths)) {
      for (const { operationId } of Object.values(methods)) expect(ids).to.include(operationId)
    }
    const links = [...text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)
    expect(links).to.not.have.length(0)
    expect(links.filter((id) => !ids.has(id))).to.deep.equal([])
  })

  it('/docs has a command of curl for every operation, folded with its details', async () => {
    const { request } = await aServer()
    const { text } = await request.get('/docs')
    const articles = [...text.matchAll(/<article class="operation" id="(?!schema-)[^"]+">.*?<\/article>/gs)]
    expect(articles.length).to.be.greaterThan(30)
    for (const [article] of articles) {
      const [folded = ''] = /<details>\s*<summary>Request and answers.*/s.exec(article) ?? []
      expect(folded, article.slice(0, 200)).to.include('curl --fail-with-body')
      expect(folded).to.not.match(/curl[^<]*\{(model|tag|number|other|bot|id|digest)\}/)
    }
    const [publish = ''] = articles.find(([article]) => article.includes('id="publishModel"')) ?? []
    expect(publish).to.include('--data-binary @model.tar.gz').and.include('Bearer $SLIPWAY_TOKEN')
  })

  it('gives browsers a page for an address that is not there, and its icon', async () => {
    const { request } = await aServer()
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
    const { status, type, text } = await request.get('/nothing').set('Accept', accept)
    expect([status, type]).to.deep.equal([404, 'text/html'])
    expect(text).to.include('Not found').and.include('href="/docs"')
    const program = await request.get('/nothing').set('Accept', '*/*')
    expect(program.type).to.equal('application/problem+json')
    const icon = await request.get('/favicon.ico')
    expect([icon.status, icon.type]).to.deep.equal([200, 'image/svg+xml'])
  })

  it('/ shows nobody without a token more than that a Slipway is here', async () => {
    const { request, publish } = await aServer(guarded)
    await publish(anArchive(), { model: 'secret-model' })
    const { text } = await request.get('/')
    expect(text).to.include('Slipway').and.include(version).and.include('href="./docs"')
    expect(text).to.not.include('secret-model')
  })

  it('an address that is not there is a problem, also beside the pages', async () => {
    const { request } = await aServer()
    for (const path of ['/docs/', '/nothing', '/api/v1', '/api/v1/models/', '/OPENAPI.json']) {
      const { status, type, body } = await request.get(path)
      expect([status, type, body.code], path).to.deep.equal([404, 'application/problem+json', 'not-found'])
    }
  })
})
