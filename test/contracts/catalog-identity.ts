import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

/** The promises of the part of the port that says which catalog it is. */
export function describeCatalogIdentity(name: string, make: () => Promise<Catalog>): void {
  describe(`the identity of a ${name}`, () => {
    const open = async (): Promise<Catalog> => {
      const catalog = await make()
      afterThisTest(() => catalog.close())
      return catalog
    }

    it('is a UUID that stays', async () => {
      const one = await open()
      expect(await one.identity()).to.match(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      )
      expect(await one.identity()).to.equal(await one.identity())
    })

    it('may be taken over from another catalog', async () => {
      const catalog = await open()
      await catalog.writeEveryModel((writer) => writer.takeIdentity('another'))
      expect(await catalog.identity()).to.equal('another')
    })
  })
}
