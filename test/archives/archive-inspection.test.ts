import { expect } from 'chai'
import { ArchiveInspection } from '../../archives/archive-inspection.ts'
import { ArchiveRefused } from '../../archives/archive-refused.ts'
import { anArchive, noise } from '../support/archive-builder.ts'
import { piecesOf } from './inspect.ts'
import { withMembers } from './hostile-archive.ts'

const rejection = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'resolved',
    (error: unknown) => error,
  )

describe('ArchiveInspection', () => {
  it('refuses while bytes still arrive, as soon as there is a reason', async () => {
    const archive = withMembers({ path: '../outside' }, { path: 'rest', content: noise('rest', 5_000_000) })
    const inspection = new ArchiveInspection()
    let written = 0
    const refusal = await rejection(
      (async () => {
        for (const piece of piecesOf(archive, 65_536)) {
          await inspection.write(piece)
          written += piece.length
        }
      })(),
    )
    expect(refusal).to.be.instanceOf(ArchiveRefused)
    expect(written).to.be.lessThan(200_000)
  })

  it('rejects with the same refusal ever after', async () => {
    const inspection = new ArchiveInspection()
    const first = await rejection(inspection.write(Buffer.from('no gzip')))
    expect(first).to.be.instanceOf(ArchiveRefused)
    expect(await rejection(inspection.write(anArchive()))).to.equal(first)
    expect(await rejection(inspection.end())).to.equal(first)
  })

  it('is done with a chunk once the write resolves', async () => {
    const archive = anArchive({ payloadBytes: 1_000_000 })
    const inspection = new ArchiveInspection()
    const shared = Buffer.alloc(10_000)
    for (const piece of piecesOf(archive, shared.length)) {
      shared.set(piece)
      await inspection.write(shared.subarray(0, piece.length))
      shared.fill(0xaa)
    }
    expect((await inspection.end()).members).to.be.greaterThan(5)
  })

  it('takes empty chunks', async () => {
    const inspection = new ArchiveInspection()
    for (const piece of piecesOf(anArchive(), 100)) {
      await inspection.write(Buffer.alloc(0))
      await inspection.write(piece)
    }
    await inspection.write(Buffer.alloc(0))
    expect((await inspection.end()).format).to.equal(3)
  })

  it('rejects a pending write when it is aborted, and everything after', async () => {
    const inspection = new ArchiveInspection()
    const pending = rejection(inspection.write(anArchive({ payloadBytes: 5_000_000 })))
    inspection.abort()
    expect(await pending)
      .to.be.an('error')
      .with.property('message', 'the inspection was aborted')
    expect(await rejection(inspection.write(Buffer.alloc(1)))).to.be.an('error')
    expect(await rejection(inspection.end())).to.be.an('error')
  })

  it('can be aborted at any time', async () => {
    new ArchiveInspection().abort()
    const inspection = new ArchiveInspection()
    await inspection.write(anArchive())
    await inspection.end()
    inspection.abort()
  })

  it('rejects a write that does not wait for the one before, and finishes that one', async () => {
    const inspection = new ArchiveInspection()
    const first = inspection.write(anArchive())
    expect(await rejection(inspection.write(Buffer.alloc(1)))).to.be.an('error')
    await first
    expect((await inspection.end()).format).to.equal(3)
  })

  it('names the member and what is expected, without control characters', async () => {
    const inspection = new ArchiveInspection()
    const path = `components/\u001b[31m${'n'.repeat(500)}`
    const refusal = await rejection(inspection.write(withMembers({ path: 'cut', pax: { path } })))
    expect(refusal).to.have.property('code', 'archive-invalid-path')
    const { message, data } = refusal as ArchiveRefused
    expect(message).to.include('components/').and.include('control character')
    expect(message).to.match(/^\P{Cc}{1,300}$/u)
    expect(data['member']).to.match(/^components\/\ufffd\[31mn+…$/)
  })
})
