import { createHash } from 'node:crypto'
import { Agent, get } from 'node:http'
import path from 'node:path'
import { expect } from 'chai'
import { shortOrLong } from '../../support/long-form.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { openFilesUnder } from '../../support/open-files-under.ts'
import { RawConnection } from '../../support/raw-exchange.ts'
import { aServer } from '../../support/server-under-test.ts'
import { afterThisTest } from '../../support/temporary-directory.ts'

/** Fewer would not show much. */
const LEAST_PUBLISHED = 20

const GETS = Number(
  process.env['GETS'] ??
    shortOrLong('pulls while archives are published: 800 instead of 3000', { short: 800, long: 3_000 }),
)
const ABORTS = Number(
  process.env['ABORTS'] ??
    shortOrLong('pulls that are broken off: 300 instead of 1000', { short: 300, long: 1_000 }),
)

interface Pulled {
  etag: string
  bytes: number
  announced: number
  digest: string
}

function pull(url: string, agent: Agent): Promise<Pulled> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      const hash = createHash('sha256')
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        hash.update(chunk)
        bytes += chunk.length
      })
      response.on('error', reject)
      response.on('end', () => {
        const announced = Number(response.headers['content-length'])
        resolve({ etag: response.headers.etag ?? '', bytes, announced, digest: hash.digest('hex') })
      })
    }).on('error', reject)
  })
}

describe('pulls while archives are published', () => {
  it(`are never torn: in ${GETS} of them every body is what its ETag and length say`, async function () {
    this.timeout(240_000)
    const server = await aServer()
    const agent = new Agent({ keepAlive: true, maxSockets: 16 })
    afterThisTest(() => {
      agent.destroy()
    })
    const published = new Set([(await server.publish(anArchive({ payloadBytes: 100_000 }))).digest])
    let pulled = 0
    const publishing = (async () => {
      while (pulled < GETS || published.size <= LEAST_PUBLISHED) {
        const { digest } = await server.publish(anArchive({ payloadBytes: 20_000 + (pulled % 7) * 60_000 }))
        published.add(digest)
      }
    })()
    const pulling = Array.from({ length: 16 }, async () => {
      // On a busy machine publishing may be the slower one of the two.
      while (pulled < GETS || published.size <= LEAST_PUBLISHED) {
        pulled += 1
        const { etag, bytes, announced, digest } = await pull(`${server.url}/models/shop`, agent)
        expect(etag).to.equal(`"${digest}"`)
        expect(bytes).to.equal(announced)
        expect(published.has(digest) || server.current.find('shop')?.digest === digest).to.equal(true)
      }
    })
    await Promise.all([publishing, ...pulling])
  })

  it('go on with the archive that they began with', async () => {
    const server = await aServer()
    const archive = anArchive({ payloadBytes: 8_000_000 })
    await server.publish(archive)
    const connection = await RawConnection.open(server.port)
    connection.socket.pause()
    connection.send('GET /models/shop HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    await eventually('the transfer has begun', () => server.traffic.transfers === 1)
    for (let turn = 0; turn < 5; turn++) await server.publish(anArchive())
    connection.socket.resume()
    const received = await connection.closed()
    expect(received.subarray(received.indexOf('\r\n\r\n') + 4).equals(archive)).to.equal(true)
  })
})

describe('pulls that are broken off', () => {
  it(`leave nothing behind: no descriptor after ${ABORTS} of them`, async function () {
    this.timeout(60_000 + ABORTS * 20)
    const server = await aServer()
    await server.publish(anArchive({ payloadBytes: 6_000_000 }))
    let aborted = 0
    const one = async (): Promise<void> => {
      while (aborted < ABORTS) {
        const turn = aborted++
        const connection = await RawConnection.open(server.port)
        connection.send('GET /models/shop HTTP/1.1\r\nHost: localhost\r\n\r\n')
        if (turn % 3 !== 0) await connection.until('\r\n\r\n')
        if (turn % 2 === 0) connection.socket.resetAndDestroy()
        else connection.socket.destroy()
      }
    }
    await Promise.all(Array.from({ length: 8 }, one))
    await eventually('all transfers have ended', () => server.traffic.transfers === 0)
    expect(
      await eventually(
        'files are closed',
        async () => (await openFilesUnder(path.join(server.dataDir, 'blobs'))).length === 0,
      ),
    ).to.equal(true)
    expect(server.traffic.pulls.aborted).to.be.greaterThan(ABORTS / 2)
  })
})
