import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { aServer } from '../../support/server-under-test.ts'
import { rawExchange } from '../../support/raw-exchange.ts'

const archive = anArchive()
const digest = createHash('sha256').update(archive).digest('hex')

/** Everything that an answer with an archive says, but for `Date` and what connections need. */
const ARCHIVE_FIELDS = {
  etag: `"${digest}"`,
  'content-type': 'application/gzip',
  'content-length': String(archive.length),
  filename: 'bot-7.tar.gz',
  'content-disposition': 'attachment; filename="bot-7.tar.gz"',
  'cache-control': 'private, no-cache, no-transform',
  'repr-digest': `sha-256=:${Buffer.from(digest, 'hex').toString('base64')}:`,
  'accept-ranges': 'bytes',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
  'slipway-release': '1',
}

async function ask(request: string): Promise<Record<string, string>> {
  const server = await aServer()
  await server.publish(archive, { query: 'filename=bot-7.tar.gz' })
  const answer = await rawExchange(server.port, request.replaceAll('\n', '\r\n'))
  const fields = Object.fromEntries(answer.headers.map(([name, value]) => [name.toLowerCase(), value]))
  expect(fields['date']).to.match(/ GMT$/)
  delete fields['date']
  delete fields['connection']
  return { ...fields, ':status': String(answer.status), ':bytes': String(answer.body.length) }
}

describe('the header fields of a pull', () => {
  const base = 'Host: localhost\nConnection: close\n'

  it('of the whole archive are these and no others', async () => {
    expect(await ask(`GET /models/shop HTTP/1.1\n${base}\n`)).to.deep.equal({
      ...ARCHIVE_FIELDS,
      ':status': '200',
      ':bytes': String(archive.length),
    })
  })

  it('of HEAD are the same, without bytes', async () => {
    expect(await ask(`HEAD /models/shop HTTP/1.1\n${base}\n`)).to.deep.equal({
      ...ARCHIVE_FIELDS,
      ':status': '200',
      ':bytes': '0',
    })
  })

  it('of a part are the same, with its length and place', async () => {
    expect(await ask(`GET /models/shop HTTP/1.1\n${base}Range: bytes=1-4\n\n`)).to.deep.equal({
      ...ARCHIVE_FIELDS,
      'content-length': '4',
      'content-range': `bytes 1-4/${archive.length}`,
      ':status': '206',
      ':bytes': '4',
    })
  })

  it('of "unchanged" are the validators, and no body', async () => {
    const answer = await ask(`GET /models/shop HTTP/1.1\n${base}If-None-Match: "${digest}"\n\n`)
    expect(answer).to.deep.equal({
      etag: `"${digest}"`,
      'cache-control': 'private, no-cache, no-transform',
      ':status': '304',
      ':bytes': '0',
    })
  })

  it('of a range behind the end name the length', async () => {
    const answer = await ask(`GET /models/shop HTTP/1.1\n${base}Range: bytes=${archive.length}-\n\n`)
    expect(answer).to.include({
      ':status': '416',
      'content-range': `bytes */${archive.length}`,
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    })
  })

  it('never promise what is not kept: no date, no coding, no weak tag, whatever is accepted', async () => {
    const answer = await ask(
      `GET /models/shop HTTP/1.1\n${base}Accept-Encoding: gzip, deflate, br\nTE: trailers\n\n`,
    )
    expect(answer).to.not.have.any.keys(
      'last-modified',
      'content-encoding',
      'transfer-encoding',
      'vary',
      'expires',
    )
    expect(answer['etag']).to.not.match(/^W\//)
  })

  it('of a problem carry no entity tag', async () => {
    const answer = await ask(`GET /models/unknown HTTP/1.1\n${base}\n`)
    expect(answer).to.include({ ':status': '404', 'content-type': 'application/problem+json' })
    expect(answer).to.not.have.any.keys('etag', 'last-modified', 'filename')
  })

  for (const [sent, served] of Object.entries({
    '.hidden.tar.gz': 'hidden.tar.gz',
    'my model (1).tar.gz': 'my-model-1-.tar.gz',
    'no-suffix': 'no-suffix.tar.gz',
    '../../etc/passwd': 'passwd.tar.gz',
    'a%0D%0ASet-Cookie: x': 'a-Set-Cookie-x.tar.gz',
    'modèle.tar.gz': 'mod-le.tar.gz',
  })) {
    it(`serve the file name ${sent} as ${served}`, async () => {
      const server = await aServer()
      await server.publish(archive, {
        query: `filename=${sent.includes('%') ? sent : encodeURIComponent(sent)}`,
      })
      const { headers } = await server.request.get('/models/shop')
      expect(headers['filename']).to.equal(served)
      expect(headers['content-disposition']).to.equal(`attachment; filename="${served}"`)
    })
  }

  it('name a release without a file name after its model and digest', async () => {
    const server = await aServer()
    await server.publish(archive)
    const { headers } = await server.request.get('/models/shop')
    expect(headers['filename']).to.equal(`shop-${digest.slice(0, 12)}.tar.gz`)
  })
})
