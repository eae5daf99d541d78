import { expect } from 'chai'
import { randomUUID } from 'node:crypto'
import { get } from 'node:http'
import { json } from 'node:stream/consumers'
import { aToken } from '../../support/a-token.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'

const MISREAD: [what: string, query: string][] = [
  ['behind a #', 'limit=5#&model=shop'],
  ['behind a thousand other parameters', `${'x&'.repeat(1_000)}model=shop`],
  ['beside another one', 'model=bank&model=shop'],
  ['beside another one in brackets', 'model[]=bank&model=shop'],
]

describe('a token for one model', () => {
  let server: ServerUnderTest
  beforeEach(async () => {
    server = await aServer({ publishToken: 'the-publish-token', pullToken: 'the-pull-token' })
    for (const model of ['bank', 'shop']) {
      await server.publish(anArchive(), { model })
      const pull = await aToken(server, [`pull:${model}`], `bot-of-${model}`)
      const headers = { Authorization: `Bearer ${pull}`, 'If-None-Match': randomUUID().replaceAll('-', '') }
      expect((await fetch(`${server.url}/models/${model}`, { headers })).status).to.equal(200)
    }
  })

  for (const [what, query] of MISREAD) {
    it(`lists no bots of others where a query names that model ${what}`, async () => {
      const token = await aToken(server, ['read:shop'])
      // fetch would leave out what is behind a #.
      const answer = await new Promise<unknown>((resolve, reject) => {
        const { hostname, port } = new URL(server.url)
        const headers = { Authorization: `Bearer ${token}` }
        get({ hostname, port, path: `/api/v1/bots?${query}`, headers }, (response) => {
          json(response).then(resolve, reject)
        }).on('error', reject)
      })
      expect(JSON.stringify(answer)).to.not.include('bot-of-bank')
    })
  }
})
