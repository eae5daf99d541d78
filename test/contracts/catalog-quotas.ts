import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { aRelease, CREATED, publish, rejection } from './catalog-support.ts'

/** The promises of the parts of the port that keep how much a model may have, and say what it has. */
export function describeCatalogQuotas(name: string, make: () => Promise<Catalog>): void {
  describe(`quotas in ${name}`, () => {
    let catalog: Catalog

    beforeEach(async () => {
      catalog = await make()
      afterThisTest(() => catalog.close())
    })

    it('come back as they were set, and are lifted', async () => {
      await publish(catalog, 'shop', 'one')
      const before = (await catalog.findModel('shop'))?.revision ?? 0
      const quota = { bytes: 10 * 1024 ** 4, releases: 50 }
      await catalog.write('shop', (writer) => writer.setQuota('shop', quota))
      const found = await catalog.findModel('shop')
      expect(found?.quota).to.deep.equal(quota)
      expect(found?.revision).to.be.above(before)
      await catalog.write('shop', (writer) => writer.setQuota('shop', null))
      expect((await catalog.findModel('shop'))?.quota).to.equal(null)
      const missing = catalog.write('bank', (writer) => writer.setQuota('bank', quota))
      expect(await rejection(missing)).to.include({ code: 'model-not-found' })
    })

    it('count an archive once, however many releases have it, and none of other models', async () => {
      expect(await catalog.archiveBytes('shop')).to.equal(0)
      const size = 3 * 1024 ** 3
      const [one, two] = ['one', 'two'].map((text) => ({ ...aRelease('shop', text), size }))
      for (const release of [one, two, one, { ...aRelease('bank', 'three'), size }]) {
        if (release === undefined) continue
        await catalog.write(release.model, async (writer) => {
          await writer.ensureModel(release.model, CREATED)
          await writer.insertRelease(release)
        })
      }
      expect(await catalog.archiveBytes('shop')).to.equal(2 * size)
      expect(await catalog.archiveBytes('shop', one?.digest)).to.equal(size)
      expect(await catalog.archiveBytes('bank')).to.equal(size)
    })
  })
}
