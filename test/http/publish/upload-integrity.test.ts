import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import fc from 'fast-check'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { formOf, FORM_TYPE } from '../../support/multipart.ts'
import { parseAnswer, RawConnection } from '../../support/raw-exchange.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'

interface Upload {
  kind: 'raw' | 'chunked' | 'form'
  payloadBytes: number
  model: number
  /** Lengths of the pieces that it is sent in, over and over. */
  pieces: number[]
  /** Where the sender leaves, as a share of all bytes; 1 and more: not at all. */
  leavesAt: number
  /** Text fields before and after the file of a form. */
  fields: [before: number[], after: number[]]
  asksFirst: boolean
  /** Where a byte is changed, as a share of all bytes; 1 and more: nowhere. */
  damagedAt: number
}

const uploads: fc.Arbitrary<Upload> = fc.record({
  kind: fc.constantFrom('raw', 'chunked', 'form'),
  payloadBytes: fc.oneof(fc.nat(2_000), fc.nat(900_000)),
  model: fc.nat(1_000_000),
  pieces: fc.array(fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1_000, max: 300_000 })), {
    minLength: 1,
    maxLength: 8,
  }),
  leavesAt: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
  fields: fc.tuple(fc.array(fc.nat(60_000), { maxLength: 4 }), fc.array(fc.nat(60_000), { maxLength: 4 })),
  asksFirst: fc.boolean(),
  damagedAt: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
})

describe('uploads in pieces of any length, from senders who leave anywhere', () => {
  it('are stored as they were sent, or not at all', async () => {
    const server = await aServer()
    const check = async (batch: Upload[]): Promise<void> => {
      const answers = await Promise.all(batch.map((upload) => send(server, upload)))
      for (const [index, { leavesAt, damagedAt }] of batch.entries()) {
        if (leavesAt >= 1 && damagedAt >= 1) expect(answers[index]?.status).to.be.oneOf([200, 201])
      }
      for (const { digest, sent } of answers) {
        if (digest === undefined) continue
        const stored = await server.blobs.open(digest)
        const hash = createHash('sha256')
        for await (const chunk of stored.chunks) hash.update(chunk)
        await stored.close()
        expect([digest, hash.digest('hex')]).to.deep.equal([sent, sent])
      }
    }
    const batches = fc.array(uploads, { minLength: 1, maxLength: 6 })
    await fc.assert(fc.asyncProperty(batches, check), { numRuns: 10 })
    await eventually('no upload is under way', () => server.traffic.uploads === 0)
    const left = await readdir(path.join(server.dataDir, 'blobs/.staging'))
    expect(left).to.deep.equal([])
  })
})

async function send(
  { port }: ServerUnderTest,
  upload: Upload,
): Promise<{ status: number; digest?: string; sent: string }> {
  const { kind, payloadBytes, model, asksFirst } = upload
  const archive = anArchive({ payloadBytes, modelId: model.toString(16).padStart(32, '0') })
  if (upload.damagedAt < 1) {
    const at = Math.floor(upload.damagedAt * archive.length)
    archive[at] = (archive[at] ?? 0) ^ 1
  }
  const sent = createHash('sha256').update(archive).digest('hex')
  const text = (lengths: number[]) =>
    lengths.map((length) => ({ name: 'field', content: 'x'.repeat(length) }))
  const [before, after] = upload.fields
  const body =
    kind === 'form'
      ? formOf([...text(before), { name: 'model', filename: 'bot.tar.gz', content: archive }, ...text(after)])
      : archive
  const connection = await RawConnection.open(port)
  try {
    const head = [
      'POST /models/shop HTTP/1.1',
      'Host: localhost',
      'Connection: close',
      ...(kind === 'form' ? [`Content-Type: ${FORM_TYPE}`] : []),
      kind === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`,
      ...(asksFirst ? ['Expect: 100-continue'] : []),
    ]
    connection.send(`${head.join('\r\n')}\r\n\r\n`)
    if (asksFirst) await connection.until('\r\n\r\n')
    const isWhole = await sendPieces(connection, upload, body)
    if (!isWhole) return { status: 0, sent }
    const received = await connection.closed()
    const { status, body: answer } = parseAnswer(asksFirst ? withoutContinue(received) : received)
    if (status !== 200 && status !== 201) return { status, sent }
    return { status, sent, ...(JSON.parse(answer.toString()) as { digest: string }) }
  } finally {
    connection.socket.destroy()
  }
}

/** Sends the body piece by piece; false where the sender left before its end. */
async function sendPieces(
  { socket }: RawConnection,
  { kind, pieces, leavesAt }: Upload,
  body: Buffer,
): Promise<boolean> {
  const end = Math.floor(body.length * Math.min(leavesAt, 1))
  let index = 0
  for (let at = 0; at < end && !socket.destroyed; index++) {
    const length = Math.max(pieces[index % pieces.length] ?? 1, Math.ceil(body.length / 2_000))
    const piece = body.subarray(at, Math.min(at + length, end))
    if (kind === 'chunked') socket.write(`${piece.length.toString(16)}\r\n`)
    socket.write(piece)
    if (kind === 'chunked') socket.write('\r\n')
    at += piece.length
    if (index % 3 === 0) await setImmediate()
  }
  if (leavesAt < 1) return false
  if (kind === 'chunked' && !socket.destroyed) socket.write('0\r\n\r\n')
  return true
}

function withoutContinue(received: Buffer): Buffer {
  const interim = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')
  return received.subarray(0, interim.length).equals(interim) ? received.subarray(interim.length) : received
}
