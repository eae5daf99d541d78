import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { keptLog } from '../../support/log-lines.ts'
import { aServer } from '../../support/server-under-test.ts'

const PRODUCTION = '/api/v1/models/shop/tags/production'

describe('the log', () => {
  it('says what was published, and where each tag was moved', async () => {
    const { logger, lines } = keptLog()
    const { request, publish } = await aServer({ logger })
    for (let number = 1; number <= 2; number++) await publish(anArchive())
    await request.put(PRODUCTION).send({ release: 1 })
    await request.put(PRODUCTION).send({ release: 2 })
    await request.post(`${PRODUCTION}/rollback`)
    const said = lines.filter(({ msg }) => msg === 'request')
    expect(
      said.map(({ model, outcome, tag, from, release }) => [model, outcome, tag, from, release]),
    ).to.deep.equal([
      ['shop', 'published', undefined, undefined, 1],
      ['shop', 'published', undefined, undefined, 2],
      ['shop', 'created', 'production', 'none', 1],
      ['shop', 'moved', 'production', 1, 2],
      ['shop', 'moved', 'production', 2, 1],
    ])
  })

  it('says who changed something, or tried to, and at debug alone what was only read', async () => {
    const { logger, lines } = keptLog()
    const { request } = await aServer({ logger, publishToken: 'the-publish-token' })
    const bearer = { Authorization: 'Bearer the-publish-token' }
    await request.put(PRODUCTION).set(bearer).send({ release: 9 })
    await request.get('/api/v1/models').set(bearer)
    expect(lines.map(({ method, status, by, level }) => [method, status, by, level])).to.deep.equal([
      ['PUT', 404, 'publish-token', 30],
      ['GET', 200, undefined, 20],
    ])
  })
})
