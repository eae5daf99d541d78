import { createHash } from 'node:crypto'
import { mkdir, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import type { Problem } from '../../../protocol/problem.ts'
import type { Release } from '../../../protocol/release.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { BOUNDARY, FORM_TYPE, formOf, type Part } from '../../support/multipart.ts'
import { openFilesUnder } from '../../support/open-files-under.ts'
import { parseAnswer, RawConnection } from '../../support/raw-exchange.ts'
import { aServer, type ServerOptions, type ServerUnderTest } from '../../support/server-under-test.ts'

const archive = anArchive()
const digest = createHash('sha256').update(archive).digest('hex')
const file: Part = { name: 'model', filename: 'bot.tar.gz', content: archive }

interface FormServer {
  server: ServerUnderTest
  /** What is left of staged bytes: files, and descriptors of them. */
  leftovers: () => Promise<string[]>
}

async function aFormServer(options: ServerOptions = {}): Promise<FormServer> {
  const server = await aServer(options)
  const folder = path.join(server.dataDir, 'blobs')
  // Otherwise made with the first upload.
  await mkdir(folder, { recursive: true })
  const leftovers = async (): Promise<string[]> => {
    const names = await readdir(folder, { recursive: true, withFileTypes: true })
    const staged = names
      .filter((entry) => entry.isFile() && !path.relative(folder, entry.parentPath).startsWith('sha256'))
      .map(({ name }) => name)
    return [...staged, ...(await openFilesUnder(folder))]
  }
  return { server, leftovers }
}

/** How much of the uploads under way is on the disk. */
async function stagedBytes({ dataDir }: ServerUnderTest): Promise<number> {
  const folder = path.join(dataDir, 'blobs/.staging')
  const files = await readdir(folder).catch(() => [])
  const sizes = await Promise.all(files.map(async (name) => (await stat(path.join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function post(
  { server }: FormServer,
  body: Buffer,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Release & Problem }> {
  const answer = await fetch(`${server.url}/models/shop`, {
    method: 'POST',
    body: Uint8Array.from(body),
    headers: { 'Content-Type': FORM_TYPE, ...headers },
  })
  return { status: answer.status, body: (await answer.json()) as Release & Problem }
}

describe('publishing an archive in a form', () => {
  for (const name of ['model', 'file']) {
    it(`takes it from the field "${name}"`, async () => {
      const server = await aFormServer()
      const { status, body } = await post(server, formOf([{ ...file, name }]))
      expect(status).to.equal(201)
      expect(body).to.include({ digest, filename: 'bot.tar.gz', size: archive.length })
      expect(await server.leftovers()).to.deep.equal([])
    })
  }

  it('leaves other fields alone, before and behind the file', async () => {
    const server = await aFormServer()
    const fields = [{ name: 'a', content: '1' }, file, { name: 'b[c]', content: '2' }]
    expect((await post(server, formOf(fields))).status).to.equal(201)
  })

  it('takes what the form of a browser or of curl looks like', async () => {
    const { server } = await aFormServer()
    const form = new FormData()
    form.set('model', new Blob([Uint8Array.from(archive)]), 'été "1".tar.gz')
    const answer = await fetch(`${server.url}/models/shop`, { method: 'POST', body: form })
    expect(answer.status).to.equal(201)
    expect(((await answer.json()) as Release).filename).to.match(/^[A-Za-z0-9._-]+\.tar\.gz$/)
  })

  const names: [sent: string, kept: string][] = [
    ['filename="../../../etc/passwd"', 'passwd.tar.gz'],
    ['filename="C:\\\\models\\\\bot.tar.gz"', 'bot.tar.gz'],
    ["filename*=UTF-8''gr%C3%BCn.tar.gz", 'gr-n.tar.gz'],
    ['filename=".tar.gz"', `shop-${digest.slice(0, 12)}.tar.gz`],
    ['filename="...."', `shop-${digest.slice(0, 12)}.tar.gz`],
    ['filename="a%0D%0Ab.tar.gz"', 'a-b.tar.gz'],
    ['filename="bot"', 'bot.tar.gz'],
  ]
  for (const [rawFilename, kept] of names) {
    it(`keeps the name ${rawFilename} as ${kept}`, async () => {
      const server = await aFormServer()
      const { status, body } = await post(server, formOf([{ name: 'model', rawFilename, content: archive }]))
      expect([status, body.filename]).to.deep.equal([201, kept])
    })
  }

  it('prefers the name in the query', async () => {
    const { server } = await aFormServer()
    const answer = await fetch(`${server.url}/models/shop?filename=mine.tar.gz`, {
      method: 'POST',
      body: Uint8Array.from(formOf([file])),
      headers: { 'Content-Type': FORM_TYPE },
    })
    expect(((await answer.json()) as Release).filename).to.equal('mine.tar.gz')
  })
})

describe('a form that is refused', () => {
  const many = (count: number): Part[] =>
    Array.from({ length: count }, (_, i) => ({ name: `f${i}`, content: 'x' }))
  const cases: [what: string, body: Buffer, headers: Record<string, string>, status: number, code: string][] =
    [
      ['without a file', formOf([{ name: 'model', content: 'text' }]), {}, 400, 'archive-missing'],
      ['with nothing in it', formOf([]), {}, 400, 'archive-missing'],
      ['with an empty file', formOf([{ ...file, content: '' }]), {}, 400, 'archive-missing'],
      ['with two files', formOf([file, { ...file, name: 'file' }]), {}, 400, 'multipart-malformed'],
      ['with the same field twice', formOf([file, file]), {}, 400, 'multipart-malformed'],
      [
        'with a file in another field',
        formOf([{ ...file, name: 'archive' }]),
        {},
        400,
        'multipart-malformed',
      ],
      [
        'with a file without a name',
        formOf([{ filename: 'x.tar.gz', content: archive }]),
        {},
        400,
        'multipart-malformed',
      ],
      ['with an empty field name', formOf([{ ...file, name: '' }]), {}, 400, 'multipart-malformed'],
      ['with 10,000 parts', formOf([file, ...many(10_000)]), {}, 400, 'multipart-malformed'],
      [
        'with a field of 1 MB',
        formOf([{ name: 'a', content: 'x'.repeat(1e6) }, file]),
        {},
        400,
        'multipart-malformed',
      ],
      [
        'with a long field name',
        formOf([{ name: 'a'.repeat(500), content: 'x' }, file]),
        {},
        400,
        'multipart-malformed',
      ],
      ['without its end', formOf([file], { end: false }), {}, 400, 'multipart-malformed'],
      ['of garbage', Buffer.alloc(10_000, '\0'), {}, 400, 'multipart-malformed'],
      ['of nothing', Buffer.alloc(0), {}, 400, 'multipart-malformed'],
      [
        'without a boundary',
        formOf([file]),
        { 'Content-Type': 'multipart/form-data' },
        400,
        'multipart-malformed',
      ],
      [
        'with another boundary',
        formOf([file]),
        { 'Content-Type': 'multipart/form-data; boundary=other' },
        400,
        'multipart-malformed',
      ],
      [
        'with a header that is none',
        Buffer.from(`--${BOUNDARY}\r\nnonsense\r\n\r\nx\r\n--${BOUNDARY}--\r\n`),
        {},
        400,
        'multipart-malformed',
      ],
      ['with what is no archive', formOf([{ ...file, content: 'text' }]), {}, 415, 'archive-not-gzip'],
      [
        'with half an archive',
        formOf([{ ...file, content: archive.subarray(0, 200) }]),
        {},
        422,
        'archive-truncated',
      ],
      [
        'with a Content-Digest',
        formOf([file]),
        { 'Content-Digest': 'sha-256=:AAAA:' },
        400,
        'digest-on-multipart',
      ],
      ['with a Repr-Digest', formOf([file]), { 'Repr-Digest': 'sha-256=:AAAA:' }, 400, 'digest-on-multipart'],
    ]
  for (const [what, body, headers, status, code] of cases) {
    it(`(${what}) publishes nothing and leaves nothing: ${code}`, async () => {
      const server = await aFormServer()
      const answer = await post(server, body, headers)
      expect([answer.status, answer.body.code]).to.deep.equal([status, code])
      expect(server.server.current.find('shop')).to.equal(undefined)
      expect(
        await eventually('nothing is left', async () => (await server.leftovers()).length === 0),
      ).to.equal(true)
      // The server lives on.
      expect((await post(server, formOf([file]))).status).to.equal(201)
    })
  }

  it('hears so while it is still sending, however long the form is', async () => {
    const { server } = await aFormServer()
    const connection = await RawConnection.open(server.port)
    connection.send(
      `POST /models/shop HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${FORM_TYPE}\r\nContent-Length: 50000000\r\n\r\n`,
    )
    connection.send(formOf([{ ...file, content: Buffer.alloc(1_500_000, 'no archive ') }], { end: false }))
    const { status, body } = await connection.answered()
    expect(status).to.equal(415)
    expect((JSON.parse(body.toString()) as Problem).code).to.equal('archive-not-gzip')
  })

  for (const [what, field] of [
    ['without a body', ''],
    ['without a body that asks whether it may send one', 'Expect: 100-continue\r\n'],
  ]) {
    it(`${what} is told that the archive is missing`, async () => {
      const { server, leftovers } = await aFormServer()
      const head = `POST /models/shop HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ${FORM_TYPE}\r\n`
      const received = await RawConnection.open(server.port).then((connection) => {
        connection.send(`${head}${field}\r\n`)
        return connection.closed()
      })
      const answer = received.subarray(received.lastIndexOf('HTTP/1.1 '))
      const { status, body } = parseAnswer(answer)
      expect([status, (JSON.parse(body.toString()) as Problem).code]).to.deep.equal([400, 'archive-missing'])
      expect(await leftovers()).to.deep.equal([])
    })
  }

  it('as larger than the limit is cut off before it was all read', async () => {
    const { server, leftovers } = await aFormServer({ env: { SLIPWAY_MAX_ARCHIVE_BYTES: '2000000' } })
    const connection = await RawConnection.open(server.port)
    connection.send(
      `POST /models/shop HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${FORM_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    )
    const begin = formOf([{ ...file, content: anArchive({ payloadBytes: 6_000_000 }) }], { end: false })
    connection.send(`${begin.length.toString(16)}\r\n`)
    connection.send(begin)
    const { status } = await connection.answered()
    expect(status).to.equal(413)
    await connection.closed()
    expect(await eventually('nothing is left', async () => (await leftovers()).length === 0)).to.equal(true)
  })
})

describe('a form that turns out wrong after its archive was taken in', () => {
  for (const [what, rest] of Object.entries({
    'by a second file': formOf([{ ...file, name: 'file' }]),
    'by its end that is missing': Buffer.from('--'),
  })) {
    it(`${what} leaves nothing of the archive`, async () => {
      const { server, leftovers } = await aFormServer()
      const connection = await RawConnection.open(server.port)
      const begin = Buffer.concat([formOf([file], { end: false }), Buffer.from(`--${BOUNDARY}\r\n`)])
      const fields = 'Content-Disposition: form-data; name="a"\r\n\r\nx\r\n'
      const length = begin.length + fields.length + rest.length
      connection.send(
        `POST /models/shop HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${FORM_TYPE}\r\nContent-Length: ${length}\r\n\r\n`,
      )
      connection.send(begin)
      connection.send(fields)
      await eventually('the whole archive is staged', async () => {
        return (await stagedBytes(server)) === archive.length
      })
      connection.send(rest)
      expect((await connection.answered()).status).to.equal(400)
      await eventually('nothing is left', async () => (await leftovers()).length === 0)
      expect(server.current.find('shop')).to.equal(undefined)
    })
  }
})

describe('a form whose sender goes', () => {
  for (const bytes of [0, 60, 200, 30_000, 90_000]) {
    it(`after ${bytes} bytes leaves neither file nor descriptor`, async () => {
      const { server, leftovers } = await aFormServer()
      const form = formOf([{ ...file, content: anArchive({ payloadBytes: 100_000 }) }])
      for (let turn = 0; turn < 10; turn++) {
        const connection = await RawConnection.open(server.port)
        connection.send(
          `POST /models/shop HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${FORM_TYPE}\r\nContent-Length: ${form.length}\r\n\r\n`,
        )
        connection.send(form.subarray(0, bytes))
        await eventually('it has begun', () => server.traffic.uploads > 0)
        if (turn % 2 === 0) connection.socket.resetAndDestroy()
        else connection.socket.destroy()
        await eventually('it has ended', () => server.traffic.uploads === 0)
      }
      expect(await eventually('nothing is left', async () => (await leftovers()).length === 0)).to.equal(true)
      expect(server.traffic.publishes).to.include({ refused: 10, failed: 0, published: 0 })
    })
  }

  it('only in one direction hears 400', async () => {
    const { server } = await aFormServer()
    const connection = await RawConnection.open(server.port)
    connection.send(
      `POST /models/shop HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${FORM_TYPE}\r\nContent-Length: 5000\r\n\r\n`,
    )
    connection.socket.end(formOf([{ ...file, content: archive.subarray(0, 100) }], { end: false }))
    const answer = parseAnswer(await connection.closed())
    expect(answer.status).to.equal(400)
    expect((JSON.parse(answer.body.toString()) as Problem).code).to.equal('upload-truncated')
  })
})
