import { expect } from 'chai'
import { anArchive, aRasa2Archive } from '../../support/archive-builder.ts'
import { keptLog } from '../../support/log-lines.ts'
import { aServer } from '../../support/server-under-test.ts'

const PRODUCTION = '/api/v1/models/shop/tags/production'

describe('moving a tag to a release of an older Rasa', () => {
  /** A server whose releases 1, 2 and 3 were trained by Rasa 3.6.21, 3.5.0 and 2.8.34; production is at 1. */
  async function aServerOfThreeRasas() {
    const { logger, lines } = keptLog()
    const server = await aServer({ logger })
    await server.publish(anArchive({ rasaVersion: '3.6.21' }), { query: 'tag=production' })
    await server.publish(anArchive({ rasaVersion: '3.5.0' }))
    await server.publish(aRasa2Archive())
    return { ...server, lines }
  }
  const codes = (body: { warnings?: { code: string }[] }) => body.warnings?.map(({ code }) => code)

  it('is answered with a warning, which the log has too, and happens', async () => {
    const { request, lines } = await aServerOfThreeRasas()
    const { status, body } = await request.put(PRODUCTION).send({ release: 3 })
    expect([status, body.release, codes(body)]).to.deep.equal([200, 3, ['rasa-older']])
    const line = lines.findLast(({ path }) => path === PRODUCTION)
    expect(line?.['warning']).to.equal(body.warnings[0].message)
    expect((await request.get(PRODUCTION)).body).not.to.have.property('warnings')
    expect((await request.put(PRODUCTION).send({ release: 1 })).body).not.to.have.property('warnings')
  })

  it('is answered with a warning when it is a rollback', async () => {
    const { request } = await aServerOfThreeRasas()
    await request.put(PRODUCTION).send({ release: 3 })
    await request.put(PRODUCTION).send({ release: 1 })
    const rollback = await request.post(`${PRODUCTION}/rollback`).send({ release: 2 })
    expect([rollback.body.release, codes(rollback.body)]).to.deep.equal([2, ['rasa-older']])
  })

  it('is warned of in a preview, too, which changes nothing', async () => {
    const { request } = await aServerOfThreeRasas()
    await request.put(PRODUCTION).send({ release: 2 })
    const preview = await request.post(`${PRODUCTION}/preview`).send({ release: 3 })
    const promoted = await request.put(PRODUCTION).send({ release: 3 })
    expect(codes(promoted.body)).to.deep.equal(['rasa-older'])
    expect(preview.body.warnings).to.deep.equal(promoted.body.warnings)
    const back = await request.post(`${PRODUCTION}/preview`).send({ release: 2 })
    expect(back.body).to.not.have.property('warnings')
  })

  it('is answered with a warning for each tag that a publish moves', async () => {
    const { url, lines } = await aServerOfThreeRasas()
    const body = Buffer.from(anArchive({ rasaVersion: '2.8.35' }))
    const published = await fetch(`${url}/models/shop?tag=production`, { method: 'POST', body })
    const release = (await published.json()) as { warnings: { message: string }[] }
    expect(release.warnings.map(({ message }) => message.split(' ')[0])).to.deep.equal(['shop@production:'])
    expect(lines.at(-1)?.['warning']).to.match(
      /^shop@production: release 4 was trained by Rasa 2\.8\.35, and release 1 before it/,
    )
    const older = Buffer.from(anArchive({ rasaVersion: '2.8.1' }))
    const again = await fetch(`${url}/models/shop?tag=production`, { method: 'POST', body: older })
    expect(codes((await again.json()) as typeof release & { warnings: { code: string }[] })).to.have.length(2)
  })
})
