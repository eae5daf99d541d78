import { expect } from 'chai'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { loadConfig } from '../../server/config/config.ts'
import { anArchive } from '../support/archive-builder.ts'
import { startComposed } from '../support/start-composed.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const FRESH = '0123456789ab4def8123456789abcdef'

describe('TCP_NODELAY', () => {
  let port: number
  /** Of each connection, in the order in which they came, whether it was asked for. */
  let asked: boolean[]

  beforeEach(async () => {
    const folder = await temporaryDirectory()
    const started = await startComposed(loadConfig({ DATA_DIR: path.join(folder, 'data') }, folder), {
      tasks: false,
    })
    const posted = await fetch(`${started.url}/models/shop`, {
      method: 'POST',
      body: Buffer.from(anArchive()),
    })
    expect(posted.status).to.equal(201)
    port = started.port
    asked = []
    started.server.http.on('connection', (socket) => {
      const connection = asked.push(false) - 1
      const setNoDelay = socket.setNoDelay.bind(socket)
      socket.setNoDelay = (on) => {
        asked[connection] = true
        return setNoDelay(on)
      }
    })
  })

  const send = async (requests: string): Promise<string> => {
    const socket: Socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(requests)
    return text(socket)
  }
  const get = (target: string, ifNoneMatch: string, last = true) =>
    `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-None-Match: ${ifNoneMatch}\r\n` +
    (last ? 'Connection: close\r\n\r\n' : '\r\n')
  const tagOf = async () => /^ETag: (.*)$/m.exec(await send(get('/models/shop', FRESH)))?.[1] ?? ''

  it('is asked for before an archive', async () => {
    await tagOf()
    expect(asked).to.deep.equal([true])
  })

  it('costs a poll nothing that is answered with 304', async () => {
    const tag = await tagOf()
    expect(await send(get('/models/shop', tag))).to.match(/^HTTP\/1.1 304 /)
    expect(asked).to.deep.equal([true, false])
  })

  it('is asked for where a client sends polls ahead', async () => {
    const tag = await tagOf()
    await send(get('/models/shop', tag, false) + get('/models/shop', tag))
    expect(asked).to.deep.equal([true, true])
  })

  it('is asked for with the second poll of a connection, which may have been on its way before the first was answered', async () => {
    const tag = await tagOf()
    const socket: Socket = connect(port, '127.0.0.1')
    socket.write(get('/models/shop', tag, false))
    await once(socket, 'readable')
    expect(asked).to.deep.equal([true, false])
    socket.read()
    socket.write(get('/models/shop', tag, false))
    await once(socket, 'readable')
    expect(asked).to.deep.equal([true, true])
    socket.destroy()
  })

  it('is asked for before whatever is no poll', async () => {
    expect(await send(get('/api/v1/models', '"other"'))).to.match(/^HTTP\/1.1 200 /)
    expect(asked).to.deep.equal([true])
  })
})
