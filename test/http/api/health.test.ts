import { expect } from 'chai'
import { once } from 'node:events'
import { connect } from 'node:net'
import { DomainError } from '../../../server/errors/errors.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { aServer } from '../../support/server-under-test.ts'
import { afterThisTest } from '../../support/temporary-directory.ts'

describe('the addresses for operators', () => {
  for (const [path, body] of [
    ['/livez', 'ok\n'],
    ['/readyz', '{"pulls":true,"writes":true}'],
  ] as const) {
    it(`${path} answers everybody`, async () => {
      const { request } = await aServer({ publishToken: 'publish-secret', pullToken: 'pull-secret' })
      const { status, text, headers } = await request.get(path)
      expect([status, text, headers['cache-control']]).to.deep.equal([200, body, 'no-store'])
    })
  }

  for (const path of ['/livez', '/readyz', '/metrics', '/openapi.json', '/docs', '/']) {
    it(`${path} has no entity tag, and knows no 304`, async () => {
      const { request } = await aServer()
      for (const fields of [
        { 'If-None-Match': '*' },
        { 'If-Modified-Since': 'Fri, 01 Jan 2100 00:00:00 GMT' },
      ]) {
        const { status, headers } = await request.get(path).set(fields)
        expect([status, headers['etag']]).to.deep.equal([200, undefined])
      }
    })
  }

  it('/readyz takes no bots away where only changes are refused', async () => {
    const { request, health } = await aServer()
    health.catalogFailed(new DomainError('catalog-unavailable', 'The disk failed.'))
    const { status, body } = await request.get('/readyz')
    expect(status).to.equal(200)
    expect(body).to.deep.equal({
      pulls: true,
      writes: false,
      code: 'catalog-unavailable',
      reason: 'The disk failed.',
    })
    health.catalogFailed(undefined)
    expect((await request.get('/readyz')).body).to.deep.equal({ pulls: true, writes: true })
  })

  it('/readyz needs no model, and says why the server is not ready', async () => {
    const { request, health } = await aServer()
    health.stopping()
    const { status, body, headers } = await request.get('/readyz')
    expect(status).to.equal(503)
    expect(body).to.include({ code: 'shutting-down', detail: 'The server is shutting down.' })
    expect(headers['retry-after']).to.equal('5')
  })

  it('/livez goes on while the server shuts down', async () => {
    const { request, health } = await aServer()
    health.stopping()
    expect((await request.get('/livez')).status).to.equal(200)
  })

  it('/metrics is in the text format of Prometheus, with one prefix', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive())
    const { text, headers } = await request.get('/metrics')
    expect(headers['content-type']).to.match(/^text\/plain; version=0\.0\.4/)
    expect(text)
      .to.include('slipway_models 1\n')
      .and.include('slipway_publishes_total{outcome="published"} 1\n')
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
    expect(names.filter((name) => !name?.startsWith('slipway_'))).to.deep.equal([])
  })

  it('/metrics tells how late the event loop is, and watches no garbage collections, which polls would pay for', async () => {
    const { request } = await aServer()
    const { text } = await request.get('/metrics')
    expect(text).to.match(/^slipway_nodejs_eventloop_lag_p99_seconds \d/m)
    expect(text).not.to.include('gc_duration')
  })

  it('/metrics counts the connections that are open', async () => {
    const { port, request } = await aServer()
    const silent = connect(port, '127.0.0.1')
    afterThisTest(() => silent.destroy())
    await once(silent, 'connect')
    // The one that nothing was sent on, and the one that asks.
    await eventually('two connections are counted', async () =>
      /^slipway_connections 2$/m.test((await request.get('/metrics')).text),
    )
  })

  it('/metrics needs the publish token', async () => {
    const { request } = await aServer({ publishToken: 'publish-secret', pullToken: 'pull-secret' })
    expect((await request.get('/metrics')).body).to.include({ code: 'token-required' })
    expect((await request.get('/metrics?token=pull-secret')).body).to.include({ code: 'token-insufficient' })
    expect((await request.get('/metrics?token=publish-secret')).status).to.equal(200)
  })
})
