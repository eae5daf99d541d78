import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { FormChunks } from '../../../server/http/publish/form-chunks.ts'
import { releaseChunk } from '../../../server/http/publish/release-chunk.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { formOf, FORM_TYPE } from '../../support/multipart.ts'
import { aServer } from '../../support/server-under-test.ts'

describe('the memory of an upload', () => {
  it('is given back chunk by chunk', () => {
    const chunk = new Uint8Array(65_536)
    releaseChunk(chunk)
    expect([chunk.byteLength, chunk.buffer.byteLength]).to.deep.equal([0, 0])
  })

  it('stays where something else is in it too', () => {
    const buffer = new ArrayBuffer(100)
    releaseChunk(new Uint8Array(buffer, 10, 20))
    expect(buffer.byteLength).to.equal(100)
  })

  it('is given back in a form once the file has gone past it', async () => {
    const chunks = [new Uint8Array(10), new Uint8Array(10)]
    const form = Readable.from(chunks)
    const formChunks = new FormChunks()
    formChunks.watch(form)
    await form.toArray()
    const [first, second] = chunks
    const pieces = [first?.subarray(5, 7), first?.subarray(7), Uint8Array.of(1), second?.subarray(0, 5)]
    const seen: number[][] = []
    for await (const piece of formChunks.releasing(Readable.from(pieces))) {
      seen.push([piece.byteLength, first?.byteLength ?? 0, second?.byteLength ?? 0])
    }
    expect(seen).to.deep.equal([
      [2, 10, 10],
      [3, 10, 10],
      [1, 10, 10],
      [5, 0, 10],
    ])
  })

  for (const pieceBytes of [1_000, 65_536, 200_000]) {
    it(`is not given back too early: a form that comes in pieces of ${pieceBytes} bytes arrives as it was sent`, async () => {
      const { url } = await aServer()
      const archive = anArchive({ payloadBytes: 1_000_000 })
      const form = formOf([
        { name: 'field', content: randomBytes(20_000).toString('hex') },
        { name: 'model', filename: 'bot.tar.gz', content: archive },
        { name: 'other', content: randomBytes(20_000).toString('hex') },
      ])
      const pieces = Array.from({ length: Math.ceil(form.length / pieceBytes) }, (_, index) =>
        form.subarray(index * pieceBytes, (index + 1) * pieceBytes),
      )
      const answer = await fetch(`${url}/models/shop`, {
        method: 'POST',
        body: Readable.toWeb(Readable.from(pieces)),
        duplex: 'half',
        headers: { 'Content-Type': FORM_TYPE },
      })
      const { digest } = (await answer.json()) as { digest?: string }
      expect([answer.status, digest]).to.deep.equal([201, createHash('sha256').update(archive).digest('hex')])
    })
  }
})
