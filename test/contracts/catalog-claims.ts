import { expect } from 'chai'
import type { Catalog, SharedWriter } from '../../server/catalog/catalog.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { digestOf, publish } from './catalog-support.ts'

const NOTED = '2026-01-01T00:00:00.000Z'
const DUE = '2026-01-02T00:00:00.000Z'
const MINUTE = 60_000

/** What every catalog promises to servers that store and delete blobs beside each other. */
export function describeBlobClaims(name: string, make: () => Promise<Catalog>): void {
  describe(`${name}, which servers claim blobs in`, () => {
    let catalog: Catalog
    const digest = digestOf('unused')

    beforeEach(async () => {
      catalog = await make()
      const made = catalog
      afterThisTest(() => made.close())
      await share((writer) => writer.noteUnusedBlobs([digest], NOTED))
    })

    const share = <Result>(work: (writer: SharedWriter) => Promise<Result>) => catalog.writeShared(work)
    const retire = (due = DUE) => share((writer) => writer.retireBlob(digest, due))

    it('never has a generation used again that was retired', async () => {
      expect(await share((writer) => writer.claimBlob(digest, -1))).to.equal(0)
      expect(await retire()).to.deep.equal({ digest, generation: 0 })
      expect(await share((writer) => writer.holdBlob(digest, 0))).to.equal(false)
      expect(await share((writer) => writer.claimBlob(digest, -1))).to.equal(1)
      expect(await share((writer) => writer.holdBlob(digest, 1))).to.equal(true)
      expect(await retire()).to.deep.equal({ digest, generation: 1 })
      expect(await catalog.listRetiredBlobs(10)).to.deep.equal(
        [0, 1].map((generation) => ({ digest, generation })),
      )
      await share((writer) => writer.forgetRetiredBlob(digest, 0))
      expect(await catalog.listRetiredBlobs(10)).to.deep.equal([{ digest, generation: 1 }])
    })

    it('retires nothing that is claimed, also by whoever reads it, nor what was noted too lately', async () => {
      expect(await retire(NOTED)).to.equal('busy')
      await share((writer) => writer.claimBlob(digest, MINUTE))
      expect(await retire()).to.equal('busy')
      await share((writer) => writer.claimBlob(digest, -1))
      await share((writer) => writer.claimUnusedBlobs([digest, digestOf('used')], MINUTE))
      expect(await retire()).to.equal('busy')
      expect(await catalog.listRetiredBlobs(10)).to.deep.equal([])
    })

    it('retires nothing that a release has', async () => {
      await publish(catalog, 'shop', 'unused')
      expect(await retire()).to.equal('used')
    })
  })
}
