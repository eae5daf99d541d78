import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { eventually } from '../support/eventually.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { rejection } from './catalog-support.ts'

/** What every catalog promises servers that agree on who does something. */
export function describeCatalogLeases(name: string, make: () => Promise<Catalog>): void {
  describe(`${name}, a catalog of leases`, () => {
    let catalog: Catalog

    beforeEach(async () => {
      catalog = await make()
      const made = catalog
      afterThisTest(() => made.close())
    })

    const HOUR = 60 * 60_000
    const hold = (holder: string, milliseconds = HOUR, place = '') =>
      catalog.writeShared((writer) =>
        writer.holdLease('housekeeper', { holder, place, host: `${holder}.example.com` }, milliseconds),
      )
    const require = (holder: string, epoch: number) =>
      catalog.writeShared((writer) => writer.requireLease('housekeeper', holder, epoch))
    const giveUp = (holder: string, epoch: number) =>
      catalog.writeShared((writer) => writer.giveUpLease('housekeeper', holder, epoch))

    it('has one holder at a time, who may hold it on', async () => {
      const epoch = await hold('one')
      expect(epoch).to.be.a('number')
      expect(await hold('other')).to.equal(undefined)
      expect(await hold('one')).to.equal(epoch)
      await require('one', epoch!)
    })

    it('is one of those who ask at once', async () => {
      const epochs = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => hold(holder)))
      expect(epochs.filter((epoch) => epoch !== undefined)).to.have.length(1)
    })

    it('is taken with another epoch once it has ended, and is nothing to its former holder', async () => {
      const first = (await hold('one', 1))!
      await eventually('the lease has ended', async () => (await hold('other')) !== undefined)
      const second = (await hold('other'))!
      expect(second).to.be.above(first)
      expect(await rejection(require('one', first))).to.include({ code: 'catalog-unavailable' })
      await require('other', second)
    })

    it('is nothing to who had the same epoch of a database that was lost', async () => {
      const epoch = (await hold('one'))!
      expect(await rejection(require('other', epoch))).to.include({ code: 'catalog-unavailable' })
      await giveUp('other', epoch)
      expect(await hold('third')).to.equal(undefined)
      await require('one', epoch)
    })

    it('has another epoch where it ended and nobody else took it: a write may have been missed', async () => {
      const first = (await hold('one', 1))!
      await eventually('another epoch', async () => (await hold('one', 1))! > first)
    })

    it('that is given up is free at once', async () => {
      const first = (await hold('one'))!
      await giveUp('one', first)
      const second = (await hold('other'))!
      expect(second).to.be.above(first)
      await giveUp('one', first)
      expect(await hold('one')).to.equal(undefined)
    })

    it('is taken at once where its holder ran in the same place, and so has ended', async () => {
      const first = (await hold('one', HOUR, 'disk'))!
      expect(await hold('two', HOUR, 'other disk')).to.equal(undefined)
      expect(await hold('three', HOUR, 'disk')).to.be.above(first)
    })

    it('of one name says nothing of others', async () => {
      await hold('one')
      const other = { holder: 'other', place: '', host: 'other' }
      const taken = catalog.writeShared((writer) => writer.holdLease('another', other, HOUR))
      expect(await taken).to.be.a('number')
    })

    it('that was lost has a write rejected with nothing changed', async () => {
      const lost = (await hold('one'))!
      await giveUp('one', lost)
      await hold('other')
      const writing = catalog.writeShared(async (writer) => {
        await writer.noteUnusedBlobs(['a'.repeat(64)], '2026-12-01T08:00:00.000Z')
        await writer.requireLease('housekeeper', 'one', lost)
      })
      expect(await rejection(writing)).to.include({ code: 'catalog-unavailable' })
      expect(await catalog.listUnusedBlobs('2027-12-01T08:00:00.000Z', 10)).to.deep.equal([])
    })
  })
}
