import { expect } from 'chai'
import type { ReleaseSignature } from '../../protocol/signature.ts'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { aRelease, CREATED, publish, rejection } from './catalog-support.ts'

/** The promises of the parts of the port that keep signatures, and who must have signed. */
export function describeCatalogSignatures(name: string, make: () => Promise<Catalog>): void {
  describe(`signatures in ${name}`, () => {
    const signature: ReleaseSignature = {
      format: 'model-signing',
      verified: true,
      key: 'a'.repeat(64),
      identity: null,
      issuer: null,
    }
    let catalog: Catalog

    beforeEach(async () => {
      catalog = await make()
      afterThisTest(() => catalog.close())
    })

    it('come back as they were put in, with their bundle', async () => {
      const put = { ...aRelease('shop', 'one'), signature }
      const release = await catalog.write('shop', async (writer) => {
        await writer.ensureModel('shop', CREATED)
        return writer.insertRelease(put, '{"ü":1}')
      })
      expect(release.signature).to.deep.equal(signature)
      expect((await catalog.findRelease('shop', 1))?.signature).to.deep.equal(signature)
      expect((await catalog.listReleases('shop', { limit: 1 }))[0]?.signature).to.deep.equal(signature)
      expect(await catalog.findBundle('shop', 1)).to.equal('{"ü":1}')
    })

    it('are none where none was put in', async () => {
      await publish(catalog, 'shop', 'one')
      expect((await catalog.findRelease('shop', 1))?.signature).to.equal(null)
      expect(await catalog.findBundle('shop', 1)).to.equal(undefined)
      expect(await catalog.findBundle('shop', 2)).to.equal(undefined)
    })

    it('are replaced, which raises the revision', async () => {
      await publish(catalog, 'shop', 'one')
      const before = (await catalog.findModel('shop'))?.revision ?? 0
      for (const bundle of ['first', 'second'])
        await catalog.write('shop', (writer) => writer.replaceSignature('shop', 1, { signature, bundle }))
      expect(await catalog.findBundle('shop', 1)).to.equal('second')
      expect((await catalog.findRelease('shop', 1))?.signature).to.deep.equal(signature)
      expect((await catalog.findModel('shop'))?.revision).to.be.above(before)
      const replace = catalog.write('shop', (writer) =>
        writer.replaceSignature('shop', 9, { signature, bundle: 'x' }),
      )
      expect(await rejection(replace)).to.include({ code: 'release-not-found' })
    })

    it('go with their release, and come back with it', async () => {
      await publish(catalog, 'shop', 'one')
      const release = { ...aRelease('shop', 'two'), signature }
      await catalog.write('shop', (writer) => writer.insertRelease(release, 'bundle'))
      await catalog.write('shop', (writer) => writer.deleteRelease('shop', 2))
      expect(await catalog.findBundle('shop', 2)).to.equal(undefined)
      await catalog.write('shop', (writer) => writer.restoreRelease({ ...release, number: 2 }, 'restored'))
      expect(await catalog.findBundle('shop', 2)).to.equal('restored')
    })

    it('are required by models that say so', async () => {
      await publish(catalog, 'shop', 'one')
      const policy = { require: [{ key: 'PEM' }, { identity: '.*', issuer: 'https://issuer' }] }
      expect((await catalog.findModel('shop'))?.signatures).to.equal(null)
      await catalog.write('shop', (writer) => writer.setSignatures('shop', policy))
      expect((await catalog.findModel('shop'))?.signatures).to.deep.equal(policy)
      await catalog.write('shop', (writer) => writer.setSignatures('shop', null))
      expect((await catalog.findModel('shop'))?.signatures).to.equal(null)
      const missing = catalog.write('bank', (writer) => writer.setSignatures('bank', policy))
      expect(await rejection(missing)).to.include({ code: 'model-not-found' })
    })

    it('stay out of other models', async () => {
      await publish(catalog, 'bank', 'one')
      const signed = { signature, bundle: 'x' }
      await rejection(catalog.write('shop', (writer) => writer.replaceSignature('bank', 1, signed)))
      await rejection(catalog.write('shop', (writer) => writer.setSignatures('bank', { require: [] })))
      expect(await catalog.findBundle('bank', 1)).to.equal(undefined)
    })
  })
}
