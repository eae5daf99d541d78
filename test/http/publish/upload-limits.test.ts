import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import type { Problem } from '../../../protocol/problem.ts'
import { RequestError } from '../../../server/http/reply/request-error.ts'
import type { Pace } from '../../../server/http/pace.ts'
import { watchPace } from '../../../server/http/watch-pace.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { keptLog } from '../../support/log-lines.ts'
import { FORM_TYPE, formOf } from '../../support/multipart.ts'
import { headerOf, parseAnswer, RawConnection, type RawAnswer } from '../../support/raw-exchange.ts'
import { aServer, type ServerOptions } from '../../support/server-under-test.ts'
import { listenUntilTestEnds } from '../../support/listen-until-test-ends.ts'
import { afterThisTest } from '../../support/temporary-directory.ts'

const archive = anArchive()

function codeOf({ body }: RawAnswer): string {
  return (JSON.parse(body.toString()) as Problem).code
}

function head(fields: string): string {
  return `POST /models/shop HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n\r\n`
}

/** The option to take archives of so many bytes at most. */
function largest(bytes: number): ServerOptions {
  return { env: { SLIPWAY_MAX_ARCHIVE_BYTES: String(bytes) } }
}

describe('the size of an upload', () => {
  it('is refused by its length, before a byte of it travels', async () => {
    const server = await aServer(largest(1_000))
    const connection = await RawConnection.open(server.port)
    connection.send(head('Content-Length: 1001\r\nExpect: 100-continue'))
    const answer = await connection.answered()
    expect([answer.status, codeOf(answer)]).to.deep.equal([413, 'archive-too-large'])
    expect(JSON.parse(answer.body.toString())).to.include({ limitBytes: 1_000 })
  })

  it('is refused as it streams where the length was not said, and the connection is closed', async () => {
    const server = await aServer(largest(1_500_000))
    const connection = await RawConnection.open(server.port)
    const large = anArchive({ payloadBytes: 4_000_000 })
    connection.send(head('Transfer-Encoding: chunked'))
    connection.send(`${large.length.toString(16)}\r\n`)
    connection.send(large)
    const answer = await connection.answered()
    expect([answer.status, codeOf(answer)]).to.deep.equal([413, 'archive-too-large'])
    await connection.closed()
  })

  it('of exactly the limit is taken', async () => {
    const server = await aServer(largest(archive.length))
    expect((await server.publish(archive)).size).to.equal(archive.length)
  })

  it('does not count the form around it', async () => {
    const server = await aServer(largest(archive.length))
    const form = Uint8Array.from(formOf([{ name: 'model', filename: 'x.tar.gz', content: archive }]))
    const headers = { 'Content-Type': FORM_TYPE }
    const answer = await fetch(`${server.url}/models/shop`, { method: 'POST', body: form, headers })
    expect(answer.status).to.equal(201)
  })

  it('is refused with 507 where the disk would fill, before the sender is told to go on', async () => {
    const server = await aServer({
      freeBytes: () => 5_000,
      env: { SLIPWAY_MIN_FREE_BYTES: '1000' },
    })
    const connection = await RawConnection.open(server.port)
    connection.send(head('Content-Length: 4001\r\nExpect: 100-continue'))
    const answer = await connection.answered()
    expect([answer.status, codeOf(answer)]).to.deep.equal([507, 'disk-full'])
    expect(Number(headerOf(answer, 'Retry-After'))).to.be.greaterThan(0)
  })
})

describe('Expect: 100-continue', () => {
  it('is answered 100 once the request is let in, then with the release', async () => {
    const server = await aServer()
    const connection = await RawConnection.open(server.port)
    connection.send(head(`Content-Length: ${archive.length}\r\nConnection: close\r\nExpect: 100-continue`))
    expect(await connection.until('\r\n\r\n')).to.equal('HTTP/1.1 100 Continue\r\n\r\n')
    connection.send(archive)
    const received = await connection.closed()
    expect(parseAnswer(received.subarray(received.indexOf('\r\n\r\n') + 4)).status).to.equal(201)
  })

  const refusals: [what: string, options: Parameters<typeof aServer>[0], fields: string, status: number][] = [
    ['without a token', { publishToken: 'secret' }, '', 401],
    ['by a page of another origin', {}, 'Origin: http://evil.example\r\n', 403],
    ['with a digest that is none', {}, 'Content-Digest: x\r\n', 400],
    ['with a content coding', {}, 'Content-Encoding: gzip\r\n', 415],
    ['with an If-Match that fails', {}, 'If-Match: "x"\r\n', 412],
  ]
  for (const [what, options, fields, status] of refusals) {
    it(`is answered ${status} at once ${what}, and never 100`, async () => {
      const server = await aServer(options)
      const connection = await RawConnection.open(server.port)
      connection.send(head(`${fields}Content-Length: ${archive.length}\r\nExpect: 100-continue`))
      expect((await connection.answered()).status).to.equal(status)
      // Whatever comes next on this connection could be the body or a request.
      await connection.closed()
    })
  }

  it('to a server that shuts down is answered 503', async () => {
    const server = await aServer()
    server.health.stopping()
    const connection = await RawConnection.open(server.port)
    connection.send(head(`Content-Length: ${archive.length}\r\nExpect: 100-continue`))
    const answer = await connection.answered()
    expect([answer.status, codeOf(answer)]).to.deep.equal([503, 'shutting-down'])
  })

  it('to a server that shuts down writes no error into its log: nothing is wrong', async () => {
    const { logger, lines } = keptLog()
    const server = await aServer({ logger })
    server.health.stopping()
    const connection = await RawConnection.open(server.port)
    connection.send(head(`Content-Length: ${archive.length}\r\nExpect: 100-continue`))
    expect((await connection.answered()).status).to.equal(503)
    expect(lines.filter(({ level }) => level >= 50)).to.deep.equal([])
  })
})

describe('a sender that is refused', () => {
  it('sees why although it is still sending', async () => {
    const server = await aServer({ publishToken: 'secret' })
    const connection = await RawConnection.open(server.port)
    connection.send(head('Content-Length: 1000000000'))
    const sending = setInterval(() => {
      connection.send(new Uint8Array(64 * 1024))
    }, 1)
    const answer = await connection.answered()
    expect([answer.status, codeOf(answer)]).to.deep.equal([401, 'token-required'])
    await connection.closed()
    clearInterval(sending)
  })

  it('may send its next request on the same connection where the body was short', async () => {
    const server = await aServer({ publishToken: 'secret' })
    const connection = await RawConnection.open(server.port)
    connection.send(head('Content-Length: 5') + 'hello' + 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expect(await connection.until('ok\n')).to.match(/^HTTP\/1\.1 401 .*\r\nHTTP\/1\.1 200 |ok\n$/s)
  })
})

describe('an upload that ends early', () => {
  for (const [how, end] of Object.entries({
    'is reset': (connection: RawConnection) => connection.socket.resetAndDestroy(),
    'is closed': (connection: RawConnection) => connection.socket.destroy(),
  })) {
    it(`publishes nothing and is logged as upload_truncated where it ${how}`, async () => {
      const { logger, lines } = keptLog()
      const server = await aServer({ logger })
      const connection = await RawConnection.open(server.port)
      connection.send(head(`Content-Length: ${archive.length}`))
      connection.send(archive.subarray(0, 500))
      await eventually('it has begun', () => server.traffic.uploads === 1)
      end(connection)
      const line = await eventually('it is logged', () =>
        lines.find(({ event }) => event === 'upload_truncated'),
      )
      expect(line).to.include({ code: 'upload-truncated', model: 'shop', outcome: 'refused' })
      expect(server.current.find('shop')).to.equal(undefined)
    })
  }

  for (const fields of [`Content-Length: ${archive.length + 1}`, 'Transfer-Encoding: chunked']) {
    it(`hears 400 where it can still listen: ${fields.split(':')[0] ?? ''}`, async () => {
      const server = await aServer()
      const connection = await RawConnection.open(server.port)
      connection.send(head(fields))
      const body = fields.startsWith('T')
        ? `${archive.length.toString(16)}\r\n${archive.toString('latin1')}`
        : archive
      connection.send(body)
      connection.socket.end()
      const answer = parseAnswer(await connection.closed())
      expect([answer.status, codeOf(answer)]).to.deep.equal([400, 'upload-truncated'])
      expect(server.current.find('shop')).to.equal(undefined)
    })
  }
})

describe('the pace of an upload', () => {
  const pace: Pace = { bytesPerSecond: 1_000, graceSeconds: 0.3, mostGraceSeconds: 0.3, lookSeconds: 0.02 }

  /** How a body ended that is watched: with an error, or whole. */
  async function watched(send: (connection: RawConnection) => void): Promise<unknown> {
    const ended = Promise.withResolvers<unknown>()
    const server = createServer((request) => {
      const stop = watchPace(request, pace)
      request.resume()
      request.on('error', ended.resolve)
      request.on('end', () => {
        ended.resolve('whole')
      })
      request.on('close', stop)
    })
    const connection = await RawConnection.open(await listenUntilTestEnds(server))
    connection.send(head('Content-Length: 3000'))
    send(connection)
    return ended.promise
  }

  it('does not matter once all of it has arrived, however long the last of it is worked on', async () => {
    const read = Promise.withResolvers<number>()
    const server = createServer((request) => {
      const stop = watchPace(request, pace)
      const readSlowly = async (): Promise<number> => {
        let bytes = 0
        for await (const chunk of request.iterator({ destroyOnReturn: false })) {
          bytes += (chunk as Uint8Array).length
          if (bytes === 3000) await delay(4 * pace.graceSeconds * 1000)
        }
        return bytes
      }
      readSlowly().finally(stop).then(read.resolve, read.reject)
    })
    const connection = await RawConnection.open(await listenUntilTestEnds(server))
    connection.send(head('Content-Length: 3000'))
    connection.send(Buffer.alloc(3000))
    expect(await read.promise).to.equal(3000)
  })

  it('below the least for too long ends it as slow-client', async () => {
    const error = await watched((connection) => {
      const drip = setInterval(() => {
        connection.send('x')
      }, 20)
      afterThisTest(() => {
        clearInterval(drip)
      })
    })
    expect(error).to.be.instanceOf(RequestError).with.property('code', 'slow-client')
  })

  it('above it is let be, however long the whole takes', async () => {
    const began = performance.now()
    const end = await watched((connection) => {
      let sent = 0
      const flow = setInterval(() => {
        connection.send('x'.repeat(60))
        sent += 60
        if (sent >= 3_000) clearInterval(flow)
      }, 20)
    })
    expect(end).to.equal('whole')
    expect(performance.now() - began).to.be.greaterThan(pace.graceSeconds * 2_000)
  })

  it('may pause for less than the time of grace', async () => {
    const end = await watched((connection) => {
      connection.send('x'.repeat(1_000))
      setTimeout(() => {
        connection.send('x'.repeat(2_000))
      }, 120)
    })
    expect(end).to.equal('whole')
  })
})
