import { expect } from 'chai'
import { NO_ENTRY } from '../../protocol/audit-chain.ts'
import type { AuditEntry } from '../../protocol/audit.ts'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { digestOf, rejection } from './catalog-support.ts'

function anEntry(sequence: number, more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    sequence,
    at: new Date(Date.UTC(2026, 0, 1, 0, sequence)).toISOString(),
    actor: 'ada',
    subject: null,
    address: '192.0.2.1',
    request: '7c9a41d2',
    action: 'tag.moved',
    model: 'shop',
    tag: 'production',
    before: { release: 7 },
    after: { release: 8, reason: 'größer "und" schneller' },
    previous: digestOf(`${sequence - 1}`),
    hash: digestOf(`${sequence}`),
    ...more,
  }
}

/** The promises of the part of the port that keeps the audit. */
export function describeCatalogAudit(name: string, make: () => Promise<Catalog>): void {
  describe(`the audit of a ${name}`, () => {
    let catalog: Catalog
    beforeEach(async () => {
      const made = await make()
      catalog = made
      afterThisTest(() => made.close())
    })

    const append = (...entries: AuditEntry[]) => catalog.writeShared((writer) => writer.appendAudit(entries))

    it('is empty at first', async () => {
      expect(await catalog.listAudit(0, 10)).to.deep.equal([])
      expect(await catalog.auditHead()).to.deep.equal(NO_ENTRY)
      expect(await catalog.firstAuditSince(0)).to.equal(undefined)
    })

    it('gives back what was added, in order', async () => {
      const entries = [
        anEntry(1),
        anEntry(2, { before: null, after: null, model: null, tag: null }),
        anEntry(3),
      ]
      await append(...entries)
      expect(await catalog.listAudit(0, 10)).to.deep.equal(entries)
      expect(await catalog.listAudit(1, 1)).to.deep.equal([entries[1]])
      const { sequence, hash } = entries[2]!
      expect(await catalog.auditHead()).to.deep.equal({ sequence, hash })
    })

    it('finds the first entry from a moment on', async () => {
      await append(anEntry(1), anEntry(2), anEntry(3))
      const at = Date.parse(anEntry(2).at)
      expect(await catalog.firstAuditSince(at)).to.equal(2)
      expect(await catalog.firstAuditSince(at + 1)).to.equal(3)
      expect(await catalog.firstAuditSince(at + 3_600_000)).to.equal(undefined)
    })

    it('is never given the same number twice', async () => {
      await append(anEntry(1))
      await rejection(append(anEntry(1)))
      expect(await catalog.listAudit(0, 10)).to.have.length(1)
    })

    it('keeps its head where entries are dropped', async () => {
      await append(anEntry(1), anEntry(2), anEntry(3))
      await catalog.writeShared((writer) => writer.dropAudit(2))
      expect((await catalog.listAudit(0, 10)).map(({ sequence }) => sequence)).to.deep.equal([3])
      const head = await catalog.writeShared((writer) => writer.holdAuditHead())
      expect(head).to.deep.equal({ sequence: 3, hash: anEntry(3).hash })
    })
  })
}
