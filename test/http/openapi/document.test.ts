import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { PROBLEMS } from '../../../protocol/problem-table.ts'
import { apiPages } from '../../../scripts/openapi.d/api-pages.ts'
import type { OpenApiDocument, OperationObject } from '../../../server/http/openapi/document-objects.ts'
import { aServer } from '../../support/server-under-test.ts'
import { fieldsOf } from './schema-walk.ts'

const docs = path.resolve(import.meta.dirname, '../../../docs')
const pages = await apiPages()
const document = JSON.parse(pages['openapi.json'] ?? '') as OpenApiDocument

describe('the OpenAPI document', () => {
  it('is served to everybody, as 3.1', async () => {
    const { request } = await aServer({ publishToken: 'publish-secret', pullToken: 'pull-secret' })
    const { status, type, body } = await request.get('/openapi.json')
    expect([status, type]).to.deep.equal([200, 'application/json'])
    expect(body).to.deep.equal(document)
    expect(document.openapi).to.match(/^3\.1\./)
  })

  for (const [name, text] of Object.entries(pages)) {
    it(`is what docs/${name} was made from: run scripts/openapi after a change`, async () => {
      expect(await readFile(path.join(docs, name), 'utf8')).to.equal(text)
    })
  }

  it('describes every address with methods that the server takes, and no other', async () => {
    const { request } = await aServer()
    for (const [address, methods] of Object.entries(document.paths)) {
      const where = address
        .replace('{model}', 'shop')
        .replace('{tag}', 'production')
        .replace('{number}', '7')
        .replace('{other}', '8')
        .replace('{bot}', 'pod-3')
        .replace('{id}', '1')
      const { headers } = await request.trace(where)
      const allowed = new Set(String(headers['allow']).toLowerCase().split(', '))
      if (!address.startsWith('/models/')) allowed.delete('head')
      // One address with and without {tag}: publishing has no tag in it.
      expect([...allowed].sort(), address).to.deep.equal(Object.keys(methods).sort())
    }
  })

  it('gives every field a description', () => {
    const missing = fieldsOf(document).filter(
      ({ schema }) => schema.description === undefined && !('$ref' in schema),
    )
    expect(missing.map(({ where }) => where)).to.deep.equal([])
  })

  it('gives every field an example, but for those whose own fields have them', () => {
    const missing = fieldsOf(document).filter(
      ({ schema }) =>
        !['examples', '$ref', 'anyOf', 'properties', 'items', 'format'].some((key) => key in schema),
    )
    expect(missing.map(({ where }) => where)).to.deep.equal([])
  })

  it('gives every schema a description', () => {
    const missing = Object.entries(document.components.schemas).filter(
      ([, { description }]) => description === undefined,
    )
    expect(missing.map(([name]) => name)).to.deep.equal([])
  })

  it('refers to nothing that is not there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)]
    expect(references).to.not.have.length(0)
    for (const [, kind = '', name = ''] of references) {
      expect(document.components[kind as 'schemas' | 'headers']).to.have.property(name)
    }
  })

  it('names each operation once', () => {
    const ids = operations().map(({ operationId }) => operationId)
    expect(ids).to.deep.equal([...new Set(ids)])
  })

  it('names every problem code somewhere, but for those that need no address', () => {
    const named = new Set(
      operations().flatMap(({ responses }) =>
        Object.values(responses).flatMap(({ description }) =>
          [...description.matchAll(/`([a-z-]+)`:/g)].map(([, code]) => code),
        ),
      ),
    )
    const unnamed = Object.keys(PROBLEMS).filter((code) => !named.has(code))
    // 405 is what every address answers to the methods that are not described.
    expect(unnamed).to.deep.equal(['method-not-allowed'])
  })

  it('asks for a token wherever data is', () => {
    const open = operations().filter(({ security }) => security.length === 0)
    expect(open.map(({ operationId }) => operationId).sort()).to.deep.equal(
      ['exchangeToken', 'isAlive', 'isReady', 'readDescription', 'showDescription', 'showServer'].sort(),
    )
  })

  it('takes tokens in the query on GET and HEAD alone', () => {
    for (const methods of Object.values(document.paths)) {
      for (const [method, { security }] of Object.entries(methods)) {
        const inQuery = security.some((scheme) => 'query' in scheme)
        if (inQuery) expect(method).to.be.oneOf(['get', 'head'])
      }
    }
  })
})

function operations(): OperationObject[] {
  return Object.values(document.paths).flatMap((methods) => Object.values(methods))
}
