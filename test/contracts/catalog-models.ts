import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { CREATED, publish, rejection } from './catalog-support.ts'

const LATER = '2026-02-01T00:00:00.000Z'

/** The promises of the parts of the port that delete models. */
export function describeCatalogModels(name: string, make: () => Promise<Catalog>): void {
  describe(`models that are deleted from ${name}`, () => {
    let catalog: Catalog

    beforeEach(async () => {
      catalog = await make()
      afterThisTest(() => catalog.close())
    })

    async function deleteShop(): Promise<void> {
      await catalog.write('shop', async (writer) => {
        await writer.setSignatures('shop', { require: [], when: 'always' })
        await writer.deleteReleases('shop', [1, 2])
        await writer.deleteModel('shop')
      })
    }

    it('are not there any more, and others learn of it by the revision', async () => {
      await publish(catalog, 'shop', 'one')
      await publish(catalog, 'bank', 'one')
      await publish(catalog, 'shop', 'two')
      const before = (await catalog.findModel('shop'))?.revision ?? 0
      await deleteShop()
      expect(await catalog.findModel('shop')).to.equal(undefined)
      expect((await catalog.listModels({ limit: 10 })).map(({ model }) => model)).to.deep.equal(['bank'])
      const { revisions } = await catalog.listRevisions()
      const revision = revisions.find(({ model }) => model === 'shop')?.revision
      expect(revision).to.be.above(before)
      const [current] = await catalog.readCurrent('shop')
      expect([current?.tags, current?.revision]).to.deep.equal([[], revision])
    })

    it('go on with their numbers where they are made again, and with nothing else', async () => {
      await publish(catalog, 'shop', 'one')
      await publish(catalog, 'shop', 'two')
      await deleteShop()
      await catalog.write('shop', (writer) => writer.ensureModel('shop', LATER))
      expect(await catalog.findModel('shop')).to.include({
        createdAt: LATER,
        defaultTag: 'latest',
        nextNumber: 3,
        signatures: null,
      })
      expect((await publish(catalog, 'shop', 'one')).number).to.equal(3)
      expect((await catalog.findModel('shop'))?.createdAt).to.equal(LATER)
    })

    it('have no releases, and are there', async () => {
      await publish(catalog, 'shop', 'one')
      const early = catalog.write('shop', (writer) => writer.deleteModel('shop'))
      expect((await rejection(early)).message).to.contain('has releases')
      expect(await catalog.findModel('shop')).to.include({ createdAt: CREATED })
      const missing = catalog.write('bank', (writer) => writer.deleteModel('bank'))
      expect(await rejection(missing)).to.include({ code: 'model-not-found' })
    })
  })
}
