import { createHash } from 'node:crypto'
import { expect } from 'chai'
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

  for (const path of ['/', '/docs']) {
    it(`${path} may load nothing and run nothing; its one style sheet is named by its hash`, async () => {
      const { request } = await aServer()
      const { text, headers } = await request.get(path)
      const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(text) ?? []
      const hash = createHash('sha256').update(style).digest('base64')
      expect(String(headers['content-security-policy']).split('; ')).to.include.members([
        "default-src 'none'",
        `style-src 'sha256-${hash}'`,
        "frame-ancestors 'none'",
      ])
      expect(text).to.not.match(/<script|<link|<img|style="|https?:/)
    })
  }

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

  it('/ names the server and its version, and shows no data', async () => {
    const { request } = await aServer()
    const { text } = await request.get('/')
    expect(text).to.include('Slipway').and.include(version).and.include('href="/docs"')
  })

  it('an address that is not there is a problem, also beside the pages', async () => {
    const { request } = await aServer()
    for (const path of ['/docs/', '/nothing', '/api/v1', '/api/v1/models/', '/OPENAPI.json']) {
      const { status, type, body } = await request.get(path)
      expect([status, type, body.code], path).to.deep.equal([404, 'application/problem+json', 'not-found'])
    }
  })
})
