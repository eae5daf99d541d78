import { expect } from 'chai'
import type { TrustedPublisher } from '../../server/access/oidc/trusted-publisher.ts'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { rejection } from './catalog-support.ts'

/** The promises of the part of the port that keeps trusted publishers. */
export function describeCatalogTrust(name: string, make: () => Promise<Catalog>): void {
  describe(`trusted publishers in ${name}`, () => {
    const publisher = (called: string): TrustedPublisher => ({
      name: called,
      issuer: 'https://issuer.example',
      audience: 'https://models.example.com',
      claims: { repository_id: '1', ref: 'refs/heads/*', ü: '"' },
      allow: ['publish:shop'],
      createdAt: 1_767_398_400_000,
      createdBy: 'ann',
    })
    let catalog: Catalog

    beforeEach(async () => {
      catalog = await make()
      afterThisTest(() => catalog.close())
    })

    const add = (called: string) =>
      catalog.writeShared((writer) => writer.insertTrustedPublisher(publisher(called)))

    it('come back as they were put in, by name', async () => {
      for (const called of ['b', 'a', 'c']) await add(called)
      expect(await catalog.listTrustedPublishers()).to.deep.equal(['a', 'b', 'c'].map(publisher))
    })

    it('have names of their own', async () => {
      await add('a')
      expect(await rejection(add('a'))).to.include({ code: 'trust-exists' })
      expect(await catalog.listTrustedPublishers()).to.have.length(1)
    })

    it('go when they are deleted', async () => {
      for (const called of ['a', 'b']) await add(called)
      const drop = () => catalog.writeShared((writer) => writer.deleteTrustedPublisher('a'))
      expect([await drop(), await drop()]).to.deep.equal([true, false])
      expect(await catalog.listTrustedPublishers()).to.deep.equal([publisher('b')])
    })
  })
}
