import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import pg from 'pg'
import { NewsListener } from '../../server/catalog/postgres/news-listener.ts'
import type { Connector } from '../../server/catalog/postgres/open-pool.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

describe('what hears the news of other servers', () => {
  it('ends when it is closed, also while the database says nothing', async () => {
    const sockets: Socket[] = []
    const silent = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined))
    })
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    afterThisTest(() => {
      for (const socket of sockets) socket.destroy()
      silent.close()
    })
    const connector: Connector = {
      pool: () => new pg.Pool(),
      // Nothing but being closed ends the wait.
      client: () => new pg.Client({ host: '127.0.0.1', port, connectionTimeoutMillis: 0 }),
    }
    const listener = new NewsListener(connector, 'us')
    const connected = once(silent, 'connection')
    listener.start(() => undefined)
    await connected
    await nextTurn()
    await listener.close()
  })
})
