import { createHash } from 'node:crypto'
import { expect } from 'chai'
import type { Problem } from '../../../protocol/problem.ts'
import type { Release } from '../../../protocol/release.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { rawExchange } from '../../support/raw-exchange.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'

const archive = anArchive()
const digest = createHash('sha256').update(archive).digest('hex')

interface Answer {
  status: number
  headers: Headers
  body: Release & Problem
}

async function post(
  { url }: ServerUnderTest,
  body: RequestInit['body'] = archive,
  { path = '/models/shop', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const stream = body instanceof ReadableStream ? { duplex: 'half' as const } : {}
  const response = await fetch(url + path, { method: 'POST', body, headers, ...stream })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Release & Problem,
  }
}

describe('publishing an archive as body', () => {
  it('answers 201 with the release and its address', async () => {
    const server = await aServer()
    const { status, headers, body } = await post(server)
    expect(status).to.equal(201)
    expect(headers.get('location')).to.equal('/api/v1/models/shop/releases/1')
    expect(body).to.include({
      model: 'shop',
      number: 1,
      digest,
      size: archive.length,
      publishedBy: 'anonymous',
    })
    expect(body).to.include({ filename: `shop-${digest.slice(0, 12)}.tar.gz`, notes: '' })
    expect(body.archive).to.include({ rasaVersion: '3.6.21' })
    const read = await server.request.get('/api/v1/models/shop/releases/1')
    expect(read.body).to.deep.equal(body)
  })

  for (const type of [
    undefined,
    'application/gzip',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    'application/x-tar',
    'application/json',
    'text/plain',
  ]) {
    it(`takes it whatever type it is said to have: ${type ?? 'none'}`, async () => {
      const server = await aServer()
      const { status } = await post(server, archive, {
        headers: type === undefined ? {} : { 'Content-Type': type },
      })
      expect(status).to.equal(201)
    })
  }

  it('takes it in chunks of unknown length', async () => {
    const server = await aServer()
    const chunks = new ReadableStream({
      start(controller) {
        for (let start = 0; start < archive.length; start += 97) {
          controller.enqueue(archive.subarray(start, start + 97))
        }
        controller.close()
      },
    })
    const { status, body } = await post(server, chunks)
    expect([status, body.digest]).to.deep.equal([201, digest])
  })

  it('numbers releases per model', async () => {
    const server = await aServer()
    const numbers: [string, number][] = []
    for (const model of ['shop', 'shop', 'other', 'shop']) {
      const { body } = await post(server, anArchive(), { path: `/models/${model}` })
      numbers.push([body.model, body.number])
    }
    expect(numbers).to.deep.equal([
      ['shop', 1],
      ['shop', 2],
      ['other', 1],
      ['shop', 3],
    ])
  })

  it('keeps notes and file name', async () => {
    const server = await aServer()
    const { body } = await post(server, archive, {
      path: '/models/shop?notes=why%3F+build?7&filename=x.tar.gz',
    })
    expect(body).to.include({ notes: 'why? build?7', filename: 'x.tar.gz' })
  })

  it('answers 200 with the existing release where the highest has these bytes already', async () => {
    const server = await aServer()
    const first = await post(server)
    const again = await post(server, archive, { path: '/models/shop?filename=other.tar.gz&notes=again' })
    expect(again.status).to.equal(200)
    expect(again.body).to.deep.equal(first.body)
    expect(again.headers.get('location')).to.equal('/api/v1/models/shop/releases/1')
    expect(server.traffic.publishes).to.include({ published: 1, replayed: 1 })
  })

  it('makes a new release of bytes that were published before the last', async () => {
    const server = await aServer()
    await post(server)
    await post(server, anArchive())
    const { status, body } = await post(server)
    expect([status, body.number, body.digest]).to.deep.equal([201, 3, digest])
  })

  it('makes one blob and one release of the same bytes sent eight times at once', async () => {
    const server = await aServer()
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(server)))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).to.deep.equal([
      ...Array<number>(7).fill(200),
      201,
    ])
    expect(new Set(answers.map(({ body }) => body.number))).to.deep.equal(new Set([1]))
    const blobs = []
    for await (const blob of server.blobs.list()) blobs.push(blob.digest)
    expect(blobs).to.deep.equal([digest])
  })

  it('gives different bytes sent at once different numbers, and latest to the highest', async () => {
    const server = await aServer()
    const archives = Array.from({ length: 12 }, () => anArchive())
    const answers = await Promise.all(archives.map((bytes) => post(server, bytes)))
    expect(answers.map(({ body }) => body.number).toSorted((a, b) => a - b)).to.deep.equal(
      archives.map((_, i) => i + 1),
    )
    const highest = answers.find(({ body }) => body.number === 12)
    expect(server.current.find('shop')?.digest).to.equal(highest?.body.digest)
  })
})

describe('tags of a publish', () => {
  it('move with the release, all of them', async () => {
    const server = await aServer()
    await post(server, archive, { path: '/models/shop?tag=production&tag=staging' })
    const tags = await server.request.get('/api/v1/models/shop/tags')
    const items = (tags.body as { items: { tag: string; release: number }[] }).items
    expect(items.map(({ tag, release }) => [tag, release])).to.have.deep.members([
      ['latest', 1],
      ['production', 1],
      ['staging', 1],
    ])
  })

  it('are applied where the bytes were there already', async () => {
    const server = await aServer()
    await post(server)
    const again = await post(server, archive, { path: '/models/shop?tag=production' })
    expect(again.status).to.equal(200)
    expect(server.current.find('shop', 'production')?.number).to.equal(1)
  })

  it('are at most 20', async () => {
    const server = await aServer()
    const query = Array.from({ length: 21 }, (_, index) => `tag=t${index}`).join('&')
    const refused = await post(server, archive, { path: `/models/shop?${query}` })
    expect([refused.status, refused.body.code]).to.deep.equal([422, 'too-many-tags'])
    expect(server.current.find('shop')).to.equal(undefined)
  })

  it('move latest forward again after a rollback, also where the same bytes come again', async () => {
    const server = await aServer()
    await post(server, anArchive())
    await post(server)
    await server.request.post('/api/v1/models/shop/tags/latest/rollback').expect(200)
    expect(server.current.find('shop')?.number).to.equal(1)
    expect((await post(server)).status).to.equal(200)
    expect(server.current.find('shop')?.number).to.equal(2)
    await post(server, anArchive())
    expect(server.current.find('shop')?.number).to.equal(3)
  })

  const refusals: [query: string, status: number, code: string][] = [
    ['tag=latest', 409, 'tag-reserved'],
    ['tag=production&tag=latest', 409, 'tag-reserved'],
    ['tag=Production', 400, 'invalid-name'],
    ['tag=', 400, 'invalid-name'],
    ['tag=a/b', 400, 'invalid-name'],
    ['tag=x.tar.gz', 400, 'invalid-name'],
    [`notes=${'x'.repeat(10_001)}`, 400, 'invalid-parameter'],
  ]
  for (const [query, status, code] of refusals) {
    it(`refuse ${query.slice(0, 40)} before anything is published`, async () => {
      const server = await aServer()
      const answer = await post(server, archive, { path: `/models/shop?${query}` })
      expect([answer.status, answer.body.code]).to.deep.equal([status, code])
      expect(server.current.find('shop')).to.equal(undefined)
    })
  }
})

describe('the address of a publish', () => {
  it('with a tag is a 404 that names ?tag=', async () => {
    const server = await aServer()
    for (const path of ['/models/shop@production', '/models/shop%40production']) {
      const { status, body } = await post(server, archive, { path })
      expect([status, body.code]).to.deep.equal([404, 'not-found'])
      expect(body.detail).to.include('?tag=')
    }
  })

  for (const name of ['Shop', '-shop', '.shop', 'shop.tar.gz', 'a'.repeat(65), 'a%2Fb', 'sh%00p']) {
    it(`refuses the model name ${name.slice(0, 20)}`, async () => {
      const server = await aServer()
      const { status, body } = await post(server, archive, { path: `/models/${name}` })
      expect([status, body.code]).to.deep.equal([400, 'invalid-name'])
    })
  }

  it('that is not percent-encoded text is a 400', async () => {
    const server = await aServer()
    const answer = await rawExchange(
      server.port,
      'POST /models/%zz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    )
    expect(answer.status).to.equal(400)
  })
})

describe('If-Match of a publish', () => {
  const cases: [what: string, value: (latest: string) => string, status: number][] = [
    ['the ETag of latest', (latest) => `"${latest}"`, 201],
    [
      'the ETag of latest as made for a process',
      (latest) => `"${latest}.0f8fad5bd9cb469fa16570867728950e"`,
      201,
    ],
    ['*, where there is a release', () => '*', 201],
    ['a list that has it', (latest) => `"x", "${latest}"`, 201],
    ['another release', () => `"${'0'.repeat(64)}"`, 412],
    ['the weak form', (latest) => `W/"${latest}"`, 412],
    ['the hash without quotes', (latest) => latest, 412],
  ]
  for (const [what, value, status] of cases) {
    it(`with ${what} is answered ${status}`, async () => {
      const server = await aServer()
      const { digest: latest } = await server.publish(anArchive())
      const answer = await post(server, archive, { headers: { 'If-Match': value(latest) } })
      expect(answer.status).to.equal(status)
      expect(server.current.find('shop')?.number).to.equal(status === 201 ? 2 : 1)
      if (status === 412) expect(answer.body).to.include({ code: 'precondition-failed', latest })
    })
  }

  it('fails where there is no release yet', async () => {
    const server = await aServer()
    const answer = await post(server, archive, { headers: { 'If-Match': '*' } })
    expect([answer.status, answer.body.code]).to.deep.equal([412, 'precondition-failed'])
  })

  it('lets one of many publish, and the others hear 412', async () => {
    const server = await aServer()
    const { digest: latest } = await server.publish(anArchive())
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post(server, anArchive(), { headers: { 'If-Match': `"${latest}"` } })),
    )
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).to.deep.equal([
      201,
      ...Array<number>(7).fill(412),
    ])
    expect(server.current.find('shop')?.number).to.equal(2)
  })

  it('lets a repetition hear that it was done, where it announces its digest', async () => {
    const server = await aServer()
    const { digest: before } = await server.publish(anArchive())
    const headers = {
      'If-Match': `"${before}"`,
      'Repr-Digest': `sha-256=:${Buffer.from(digest, 'hex').toString('base64')}:`,
    }
    expect((await post(server, archive, { headers })).status).to.equal(201)
    expect((await post(server, archive, { headers })).status).to.equal(200)
  })
})

describe('digest fields of a publish', () => {
  const good = `sha-256=:${Buffer.from(digest, 'hex').toString('base64')}:`
  const bad = `sha-256=:${Buffer.alloc(32, 7).toString('base64')}:`
  const sha512 = `sha-512=:${createHash('sha512').update(archive).digest('base64')}:`
  const cases: [fields: Record<string, string>, status: number, code: string | undefined][] = [
    [{ 'Content-Digest': good }, 201, undefined],
    [{ 'Repr-Digest': good }, 201, undefined],
    [{ 'Content-Digest': good, 'Repr-Digest': good }, 201, undefined],
    [{ 'Content-Digest': `${sha512}, ${good}` }, 201, undefined],
    [{ 'Content-Digest': bad }, 400, 'digest-mismatch'],
    [{ 'Repr-Digest': bad }, 400, 'digest-mismatch'],
    [{ 'Content-Digest': good, 'Repr-Digest': bad }, 400, 'digest-mismatch'],
    [{ 'Content-Digest': sha512 }, 400, 'digest-unsupported'],
    [{ 'Content-Digest': 'md5=:1B2M2Y8AsgTpgAmY7PhCfg==:' }, 400, 'digest-unsupported'],
    [{ 'Content-Digest': '' }, 400, 'digest-malformed'],
    [{ 'Content-Digest': 'sha-256' }, 400, 'digest-malformed'],
    [{ 'Content-Digest': digest }, 400, 'digest-malformed'],
    [{ 'Content-Digest': `sha-256=${digest}` }, 400, 'digest-malformed'],
    [{ 'Content-Digest': `sha-256=:${digest}:` }, 400, 'digest-malformed'],
    [{ 'Content-Digest': 'sha-256=:AAAA:' }, 400, 'digest-malformed'],
    [{ 'Content-Digest': 'SHA-256=:AAAA:' }, 400, 'digest-malformed'],
    [{ 'Repr-Digest': `${good},` }, 400, 'digest-malformed'],
  ]
  for (const [fields, status, code] of cases) {
    const shown = Object.entries(fields).map(([name, value]) => `${name}: ${value.slice(0, 24)}`)
    it(`${shown.join(', ')} is answered ${code ?? status}`, async () => {
      const server = await aServer()
      const answer = await post(server, archive, { headers: fields })
      expect([answer.status, answer.body.code]).to.deep.equal([status, code])
      expect(server.current.find('shop') !== undefined).to.equal(status === 201)
    })
  }
})

describe('a body that is no archive', () => {
  const cases: [
    what: string,
    body: RequestInit['body'],
    headers: Record<string, string>,
    status: number,
    code: string,
  ][] = [
    ['nothing', null, {}, 400, 'archive-missing'],
    ['an empty body', '', {}, 400, 'archive-missing'],
    ['a web page', '<!DOCTYPE html><html></html>', { 'Content-Type': 'text/html' }, 415, 'archive-not-gzip'],
    [
      'the error that Rasa sends to its callback_url when training failed',
      JSON.stringify({ version: '3.6.21', status: 'failure', reason: 'TrainingException', code: 500 }),
      { 'Content-Type': 'application/json' },
      415,
      'archive-not-gzip',
    ],
    ['random bytes', Buffer.alloc(5_000, 0xa5), {}, 415, 'archive-not-gzip'],
    ['half an archive', archive.subarray(0, archive.length / 2), {}, 422, 'archive-truncated'],
    ['a gzipped body of gzip', archive, { 'Content-Encoding': 'gzip' }, 415, 'content-encoding-unsupported'],
  ]
  for (const [what, body, headers, status, code] of cases) {
    it(`(${what}) is refused as ${code}`, async () => {
      const server = await aServer()
      const answer = await post(server, body, { headers })
      expect([answer.status, answer.body.code]).to.deep.equal([status, code])
      expect(answer.body.detail).to.be.a('string')
      expect(server.current.find('shop')).to.equal(undefined)
      expect(server.traffic.uploads).to.equal(0)
    })
  }

  it('is taken with Content-Encoding: identity, which says nothing', async () => {
    const server = await aServer()
    expect((await post(server, archive, { headers: { 'Content-Encoding': 'identity' } })).status).to.equal(
      201,
    )
  })
})
