import { rm } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { aReceiver } from '../support/a-receiver.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { keptLog } from '../support/log-lines.ts'
import { skipTest } from '../support/skip-test.ts'
import { fillVolume, smallVolume } from '../support/small-volume.ts'
import { publishTo, serveFolder } from './data-server.ts'

const VOLUME_KIB = 16_384

describe('webhooks of a server whose disk is full', function () {
  this.timeout(60_000)

  it('tell all of a rollback, one message after the other', async function () {
    const volume = (await smallVolume(VOLUME_KIB)) ?? skipTest(this, 'needs the right to mount')
    const dataDir = path.join(volume, 'data')
    const { url } = await serveFolder(dataDir, { SLIPWAY_WEBHOOK_HOSTS: '127.0.0.1' }, keptLog().logger)
    const pager = await aReceiver()
    const call = (address: string, body = {}) =>
      fetch(`${url}/api/v1/${address}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      })
    expect((await call('webhooks', { name: 'pager', url: pager.url })).status).to.equal(201)
    for (let number = 1; number <= 2; number++) await publishTo(url, anArchive(), 'shop', '?tag=production')
    await fillVolume(volume, VOLUME_KIB)
    await rm(path.join(dataDir, 'ballast'), { force: true })
    pager.received.length = 0
    expect((await call('models/shop/tags/production/rollback')).status).to.equal(200)
    await eventually('the rollout was told, too', () =>
      pager.received.some(({ body }) => (JSON.parse(body) as { type: string }).type === 'rollout.changed'),
    )
  })
})
