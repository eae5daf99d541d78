import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { expect } from 'chai'
import type { Pace } from '../../../server/http/pace.ts'
import { sendReply } from '../../../server/http/reply/send-reply.ts'
import { RawConnection } from '../../support/raw-exchange.ts'
import { listenUntilTestEnds } from '../../support/listen-until-test-ends.ts'

/** More than the buffers of a loopback connection take. */
const LARGE = 'x'.repeat(32 * 1024 * 1024)

/** Waits for nobody, but for whom something is written: looks come often. */
const pace: Pace = { bytesPerSecond: 1e9, graceSeconds: 3, mostGraceSeconds: 3, lookSeconds: 0.05 }

describe('a large answer of the API', () => {
  let port: number
  let answered: PromiseWithResolvers<ServerResponse>

  beforeEach(async () => {
    answered = Promise.withResolvers()
    const server = createServer((request, response) => {
      answered.resolve(response)
      sendReply(request, response, { status: 200, body: LARGE }, { pace })
    })
    port = await listenUntilTestEnds(server)
  })

  it('comes whole to whoever reads it', async () => {
    const body = (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as string
    expect(body).to.have.length(LARGE.length)
  })

  it('is not kept for a reader that takes none of it', async () => {
    const reader = await RawConnection.open(port)
    reader.socket.pause()
    reader.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(await answered.promise, 'close')
    reader.socket.destroy()
  })
})
