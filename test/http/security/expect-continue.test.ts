import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { headerOf, parseAnswer, RawConnection } from '../../support/raw-exchange.ts'
import { aServer } from '../../support/server-under-test.ts'

describe('a request that waits for 100 Continue and is answered without', () => {
  for (const [what, request, status] of [
    ['a publish without a token', 'POST /models/shop', 401],
    ['a wrong method', 'PUT /models/shop', 405],
    ['nothing at this address', 'POST /nowhere', 404],
    ['a change without a token', 'PUT /api/v1/models/shop/tags/production', 401],
    ['a pull with a body', 'GET /models/shop', 200],
    ['a probe with a body', 'GET /livez', 200],
  ] as const) {
    it(`(${what}) loses its connection: no next request is taken for its body`, async () => {
      const server = await aServer({ publishToken: 'publish-secret' })
      await server.publish(anArchive())
      const connection = await RawConnection.open(server.port)
      connection.send(
        `${request} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 38\r\n\r\n`,
      )
      const answer = parseAnswer(await connection.closed())
      expect([answer.status, headerOf(answer, 'Connection')]).to.deep.equal([status, 'close'])
    })
  }

  it('keeps its connection where the body was invited', async () => {
    const server = await aServer()
    const archive = anArchive()
    const connection = await RawConnection.open(server.port)
    connection.send(
      `POST /models/shop HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ${archive.length}\r\n\r\n`,
    )
    await connection.until('HTTP/1.1 100')
    connection.send(archive)
    const answer = await connection.until('"digest"')
    expect(answer).to.include('HTTP/1.1 201').and.not.include('Connection: close')
    connection.send('GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    expect((await connection.closed()).toString('latin1')).to.match(/ok\n$/)
  })
})
