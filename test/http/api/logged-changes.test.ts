import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { aFleetOn } from '../../support/fleet-under-test.ts'
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

  it('says which release a promotion with steps brings out, and from which, before the tag moves', async () => {
    const { logger, lines } = keptLog()
    const { request, bots } = await aFleetOn(3, { logger })
    expect(bots).to.have.length(3)
    const policy = { steps: [1, '100%'], soak: 60 }
    const { body } = await request.put(PRODUCTION).send({ release: 2, policy })
    const said = lines.filter(({ method, path }) => method === 'PUT' && path === PRODUCTION).at(-1)
    expect(said).to.include({
      outcome: 'begun',
      from: 1,
      release: 2,
      rollout: body.rollout.id,
      by: 'anonymous',
    })
  })

  it('has what is read of the dashboard at debug alone, and what is refused of it at info', async () => {
    const { logger, lines } = keptLog()
    const { request } = await aServer({ logger })
    const { text } = await request.get('/')
    const [, asset = ''] = /="\.\/(dashboard\/assets\/[^"]+)"/.exec(text) ?? []
    for (const path of [`/${asset}`, '/docs', '/favicon.ico', '/dashboard/assets/page-OLD.js'])
      await request.get(path)
    await request.post('/dashboard/sign-out')
    const said = lines.filter(({ msg }) => msg === 'request')
    expect(said.map(({ method, path, status, level }) => [method, path, status, level])).to.deep.equal([
      ['GET', '/', 200, 20],
      ['GET', `/${asset}`, 200, 20],
      ['GET', '/docs', 200, 20],
      ['GET', '/favicon.ico', 200, 20],
      ['GET', '/dashboard/assets/page-OLD.js', 404, 30],
      ['POST', '/dashboard/sign-out', 403, 30],
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
