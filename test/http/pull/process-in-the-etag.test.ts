import { createHash, randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { newProcessName } from '../../../protocol/process-name.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { headerOf, parseAnswer, RawConnection, type RawAnswer } from '../../support/raw-exchange.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'
import { RASA_REQUESTS, type RasaRequest } from './rasa-requests.ts'

const first = anArchive()
const second = anArchive()
const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Polls as Rasa does: a connection that the bot closes after the answer. */
async function poll({ port }: ServerUnderTest, { text }: RasaRequest, etag: string): Promise<RawAnswer> {
  const connection = await RawConnection.open(port)
  connection.send(text.replace('{etag}', etag))
  const { headers } = await connection.answered()
  const length = Number(headers.find(([name]) => name === 'Content-Length')?.[1] ?? 0)
  const head = connection.received.indexOf('\r\n\r\n') + 4
  while (connection.received.length < head + length) await new Promise((resolve) => setImmediate(resolve))
  connection.socket.destroy()
  return parseAnswer(connection.received)
}

describe('the process in the entity tag', () => {
  for (const request of RASA_REQUESTS) {
    it(`follows ${request.name} from its start through two releases`, async () => {
      const server = await aServer({ pullToken: 's3cr&t/&' })
      const openPull: RasaRequest = {
        ...request,
        text: request.text.includes('token=')
          ? request.text
          : request.text.replace('/models/shop ', '/models/shop?token=s3cr%26t/%26 '),
      }
      await server.publish(first)
      const name = randomUUID().replaceAll('-', '')

      const start = await poll(server, openPull, name)
      expect(start.status).to.equal(200)
      expect(start.body.equals(first)).to.equal(true)
      const held = headerOf(start, 'etag') ?? ''
      expect(held).to.equal(`"${digestOf(first)}.${name}"`)

      const unchanged = await poll(server, openPull, held)
      expect(unchanged.status).to.equal(304)
      expect(headerOf(unchanged, 'etag')).to.equal(held)

      await server.publish(second)
      const update = await poll(server, openPull, held)
      expect(update.status).to.equal(200)
      expect(update.body.equals(second)).to.equal(true)
      expect(headerOf(update, 'etag')).to.equal(`"${digestOf(second)}.${name}"`)

      // The load failed: the old tag once more, and the archive once more.
      const again = await poll(server, openPull, held)
      expect(again.status).to.equal(200)
      expect(headerOf(again, 'etag')).to.equal(`"${digestOf(second)}.${name}"`)
    })
  }

  it('tells apart processes that poll at the same time', async () => {
    const server = await aServer()
    await server.publish(first)
    const names = Array.from({ length: 50 }, newProcessName)
    const [request] = RASA_REQUESTS
    if (request === undefined) throw new Error('no request was recorded')
    const tags = await Promise.all(
      names.map(async (name) => headerOf(await poll(server, request, name), 'etag')),
    )
    expect(tags).to.deep.equal(names.map((name) => `"${digestOf(first)}.${name}"`))
    const statuses = await Promise.all(
      tags.map(async (tag) => (await poll(server, request, tag ?? '')).status),
    )
    expect(new Set(statuses)).to.deep.equal(new Set([304]))
  })

  const strangers: Record<string, string | undefined> = {
    'nothing at all (curl, a browser)': undefined,
    'a plain digest of another archive': `"${'0'.repeat(64)}"`,
    'a tag of some other server': '"33a64df551425fcc55e4d42a148795d9f25f89d4"',
    'an MD5 in hex': '9e107d9d372bb6826bd81d3542a419d6',
    'an MD5 in quotes': '"9e107d9d372bb6826bd81d3542a419d6"',
    'the name of a process in quotes': `"${newProcessName()}"`,
    'a UUID with dashes': randomUUID(),
    'a UUID of version 1': '6ba7b8109dad11d180b400c04fd430c8',
    'a list with a tag of a process': `"${'0'.repeat(64)}.${newProcessName()}", "x"`,
    'an asterisk that is a tag': '"*"',
    nonsense: '"',
  }
  for (const [who, ifNoneMatch] of Object.entries(strangers)) {
    it(`is not for whoever sends ${who}: exactly "<sha256>"`, async () => {
      const server = await aServer()
      await server.publish(first)
      const fields = ifNoneMatch === undefined ? {} : { 'If-None-Match': ifNoneMatch }
      const answer = await server.request.get('/models/shop').set(fields)
      expect(answer.status).to.equal(200)
      expect(answer.headers['etag']).to.equal(`"${digestOf(first)}"`)
    })
  }

  for (const [how, value] of Object.entries({
    'as it is': digestOf(first),
    'in quotes': `"${digestOf(first)}"`,
    'as a weak tag': `W/"${digestOf(first)}"`,
  })) {
    it(`is not for whoever holds the plain hash, ${how}: 304 with exactly "<sha256>"`, async () => {
      const server = await aServer()
      await server.publish(first)
      const answer = await server.request.get('/models/shop').set('If-None-Match', value)
      expect(answer.status).to.equal(304)
      expect(answer.headers['etag']).to.equal(`"${digestOf(first)}"`)
    })
  }

  it('never echoes what a proxy made of it', async () => {
    const server = await aServer()
    await server.publish(first)
    const name = newProcessName()
    for (const tag of [`W/"${digestOf(first)}.${name}-gzip"`, `${digestOf(first)}.${name};gzip`]) {
      const answer = await server.request.get('/models/shop').set('If-None-Match', tag)
      expect(answer.status).to.equal(304)
      expect(answer.headers['etag']).to.equal(`"${digestOf(first)}.${name}"`)
    }
  })

  it('keeps naming a process that holds a release that is not here', async () => {
    const server = await aServer()
    await server.publish(first)
    const name = newProcessName()
    const answer = await server.request
      .get('/models/shop')
      .set('If-None-Match', `"${'0'.repeat(64)}.${name}"`)
    expect(answer.status).to.equal(200)
    expect(answer.headers['etag']).to.equal(`"${digestOf(first)}.${name}"`)
  })

  it('is left out with SLIPWAY_TRACK=off, and a tag from before still gets its 304', async () => {
    const server = await aServer({ env: { SLIPWAY_TRACK: 'off' } })
    await server.publish(first)
    const name = newProcessName()
    const fresh = await server.request.get('/models/shop').set('If-None-Match', name)
    expect([fresh.status, fresh.headers['etag']]).to.deep.equal([200, `"${digestOf(first)}"`])
    const held = await server.request.get('/models/shop').set('If-None-Match', `"${digestOf(first)}.${name}"`)
    expect([held.status, held.headers['etag']]).to.deep.equal([304, `"${digestOf(first)}"`])
  })
})
