import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { keptLog } from '../support/log-lines.ts'
import { skipTest } from '../support/skip-test.ts'
import { smallVolume } from '../support/small-volume.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { publishTo, serveFolder } from './data-server.ts'

const VOLUME_KIB = 16_384

/** A receiver of messages. */
async function aPager(): Promise<{ url: string; types: string[] }> {
  const types: string[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      types.push((JSON.parse(body) as { type: string }).type)
      response.end()
    })
  }).listen(0, '127.0.0.1')
  afterThisTest(() => server.close())
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, types }
}

describe('webhooks of a server whose disk is full', function () {
  this.timeout(60_000)

  it('tell all of a rollback, one message after the other', async function () {
    const volume = (await smallVolume(VOLUME_KIB)) ?? skipTest(this, 'needs the right to mount')
    const dataDir = path.join(volume, 'data')
    const { url } = await serveFolder(dataDir, { SLIPWAY_WEBHOOK_HOSTS: '127.0.0.1' }, keptLog().logger)
    const pager = await aPager()
    const call = (address: string, body = {}) =>
      fetch(`${url}/api/v1/${address}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      })
    expect((await call('webhooks', { name: 'pager', url: pager.url })).status).to.equal(201)
    for (let number = 1; number <= 2; number++) await publishTo(url, anArchive(), 'shop', '?tag=production')
    await writeFile(path.join(volume, 'filler'), Buffer.alloc(VOLUME_KIB * 1024)).catch(() => undefined)
    await rm(path.join(dataDir, 'ballast'), { force: true })
    pager.types.length = 0
    expect((await call('models/shop/tags/production/rollback')).status).to.equal(200)
    await eventually('the rollout was told, too', () => pager.types.includes('rollout.changed'))
  })
})
