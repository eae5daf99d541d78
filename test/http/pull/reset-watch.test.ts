import { EventEmitter, once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect } from 'chai'
import { ResetWatch } from '../../../server/http/pull/reset-watch.ts'
import { afterThisTest } from '../../support/temporary-directory.ts'

describe('the watch for connections that are reset', () => {
  it('tells of one that is reset', async () => {
    const { client, accepted } = await aConnection()
    const told = new Promise<void>((resolve) => {
      new ResetWatch().begin(accepted, resolve)
    })
    client.resetAndDestroy()
    await told
  })

  it('tells nothing of one that ends well, or after its peer sent another request', async () => {
    const watch = new ResetWatch()
    const [ended, asked] = [await aConnection(), await aConnection()]
    let told = 0
    for (const { accepted } of [ended, asked]) watch.begin(accepted, () => told++)
    watch.end(asked.accepted)
    const closed = Promise.all([hasClosed(ended.accepted), hasClosed(asked.accepted)])
    ended.client.destroy()
    asked.client.resetAndDestroy()
    await closed
    expect(told).to.equal(0)
    expect(watch.size).to.equal(0)
  })

  it('keeps nothing of one that had ended before', async () => {
    const { client, accepted } = await aConnection()
    client.destroy()
    await hasClosed(accepted)
    const watch = new ResetWatch()
    watch.begin(accepted, () => undefined)
    expect([accepted.listenerCount('close'), watch.size]).to.deep.equal([0, 0])
  })

  it('keeps nothing of a request that came over no network, and whose end nobody tells', () => {
    const watch = new ResetWatch()
    watch.begin(new EventEmitter() as never, () => undefined)
    expect(watch.size).to.equal(0)
  })
})

function hasClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve()
    })
  })
}

async function aConnection(): Promise<{ client: Socket; accepted: Socket }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
  const [accepted] = (await once(server, 'connection')) as [Socket]
  accepted.on('error', () => undefined)
  accepted.resume()
  client.on('error', () => undefined)
  afterThisTest(() => {
    client.destroy()
    accepted.destroy()
    server.close()
  })
  return { client, accepted }
}
