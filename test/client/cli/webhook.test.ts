import { expect } from 'chai'
import { webhookDeliverySchema, webhookSchema } from '../../../protocol/webhook.ts'
import { aReceiver } from '../../support/a-receiver.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { callSlipway } from '../../support/call-slipway.ts'
import type { Ran } from '../../support/run-slipway.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'

/** A server that may send to loopback, and the commands against it. */
async function commands(): Promise<{
  server: ServerUnderTest
  webhook: (...args: string[]) => Promise<Ran>
}> {
  const server = await aServer({ env: { SLIPWAY_WEBHOOK_HOSTS: '127.0.0.1' } })
  const webhook = (...args: string[]) =>
    callSlipway(['webhook', ...args], { env: { SLIPWAY_URL: server.url } })
  return { server, webhook }
}

describe('slipway webhook', function () {
  this.timeout(60_000)

  it('adds one, shows its secret once, lists it, changes it and removes it', async () => {
    const { webhook } = await commands()
    const added = await webhook(
      'add',
      'https://8.8.8.8/secret',
      '--format',
      'slack',
      '--event',
      'load.failed',
    )
    expect(added.code, added.error).to.equal(0)
    expect(added.out).to.match(/^1 +- +https:\/\/8\.8\.8\.8\/… +slack +all +ok +load\.failed$/m)
    expect(added.out).to.match(/^secret: whsec_\S+$/m)
    const listed = await webhook('list', '--json')
    expect(webhookSchema.parse(JSON.parse(listed.out))).to.include({ id: '1', format: 'slack' })
    expect(listed.out).to.not.include('whsec_')
    const changed = await webhook('change', '1', '--disable', '--model', 'shop', 'bank')
    expect(changed.out)
      .to.match(/shop bank +disabled/)
      .and.not.include('secret')
    expect((await webhook('change', '1', '--new-secret')).out).to.match(/^secret: whsec_/m)
    expect((await webhook('remove', '1')).code).to.equal(0)
    expect((await webhook('list')).out).to.include('no webhook yet')
  })

  it('says whether a test arrived, and ends with 1 where it did not', async () => {
    const { webhook } = await commands()
    const receiver = await aReceiver()
    await webhook('add', receiver.url)
    const arrived = await webhook('test', '1')
    expect([arrived.code, arrived.out]).to.satisfy(
      ([code, out]: [number, string]) => code === 0 && out.startsWith('delivered: answered 200'),
    )
    receiver.answer = (_request, response) => response.writeHead(404).end('no_service')
    const refused = await webhook('test', '1')
    expect([refused.code, refused.out]).to.deep.equal([1, 'not delivered: it was answered 404: no_service\n'])
  })

  it('lists deliveries, and has dead ones sent again', async () => {
    const { server, webhook } = await commands()
    await webhook('add', 'https://8.8.8.8/', '--event', 'release.published')
    await server.publish(anArchive())
    const { code, out } = await webhook('deliveries', '1')
    expect(code).to.equal(0)
    expect(out).to.match(/^1 +\S+ \S+ +waiting +0 +shop: release 1 was published by anonymous\.$/m)
    const json = await webhook('deliveries', '1', '--json', '--state', 'waiting')
    expect(webhookDeliverySchema.parse(JSON.parse(json.out))).to.include({ id: '1', state: 'waiting' })
    expect((await webhook('retry', '1', '1')).code).to.equal(10)
    expect((await webhook('retry', '1')).out).to.equal('0 deliveries wait to be sent again\n')
  })

  it('refuses what the server refuses, with what to do', async () => {
    const { webhook } = await commands()
    const target = await webhook('add', 'http://example.com/')
    expect(target.code).to.equal(8)
    expect(target.error).to.include('SLIPWAY_WEBHOOK_HOSTS')
    expect((await webhook('test', '9')).code).to.equal(9)
    expect((await webhook('change', '9')).code).to.equal(2)
    expect((await webhook('add', 'https://8.8.8.8/', '--event', 'nonsense')).code).to.equal(2)
  })
})
