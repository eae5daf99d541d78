import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { CREATED, digestOf, MOVED, publish, rejection } from './catalog-support.ts'

/** What every catalog promises of tags, their history, and what pulls need of them. */
export function describeCatalogTags(name: string, make: () => Promise<Catalog>): void {
  describe(`${name}, a catalog of tags`, () => {
    let catalog: Catalog

    beforeEach(async () => {
      catalog = await make()
      const made = catalog
      afterThisTest(() => made.close())
      for (const seed of ['one', 'two', 'three']) await publish(catalog, 'shop', seed)
    })

    const move = (tag: string, to: number | null, circumstances = {}) =>
      catalog.write('shop', (writer) => writer.moveTag('shop', tag, to, { ...MOVED, ...circumstances }))

    it('reads a tag with its release, and with who moved it there, when and why', async () => {
      const { sequence } = await move('production', 2, { movedBy: 'CI', reason: 'Größer' })
      expect(await catalog.findTag('shop', 'production')).to.deep.equal({
        model: 'shop',
        tag: 'production',
        release: 2,
        digest: digestOf('two'),
        movedAt: MOVED.movedAt,
        movedBy: 'CI',
        reason: 'Größer',
        sequence,
      })
    })

    it('knows no tag that was never set, nor one of another model or case', async () => {
      await move('production', 1)
      expect(await catalog.findTag('shop', 'staging')).to.equal(undefined)
      expect(await catalog.findTag('bank', 'production')).to.equal(undefined)
      expect(await catalog.findTag('shop', 'Production')).to.equal(undefined)
    })

    it('lists tags by name', async () => {
      for (const tag of ['staging', 'latest', 'production']) await move(tag, 1)
      const tags = await catalog.listTags('shop')
      expect(tags.map(({ tag }) => tag)).to.deep.equal(['latest', 'production', 'staging'])
    })

    it('points a tag at existing releases only', async () => {
      const refusal = await rejection(move('production', 4))
      expect(refusal).to.include({ code: 'release-not-found' })
      expect(await catalog.findTag('shop', 'production')).to.equal(undefined)
    })

    it('cannot delete a tag that does not exist', async () => {
      expect(await rejection(move('production', null))).to.include({ code: 'tag-not-found' })
    })

    it('tells where each move came from and went to, the last first, whatever the clock said', async () => {
      await move('production', 1, { movedAt: '2026-01-03T00:00:00.000Z' })
      await move('staging', 1)
      await move('production', 3, { movedAt: '2026-01-01T00:00:00.000Z' })
      await move('production', 2, { movedAt: '2026-01-02T00:00:00.000Z', reason: 'Back' })
      const history = await catalog.tagHistory('shop', 'production', { limit: 10 })
      expect(history.map(({ from, to }) => [from, to])).to.deep.equal([
        [3, 2],
        [1, 3],
        [null, 1],
      ])
      expect(history[0]).to.include({ reason: 'Back', movedAt: '2026-01-02T00:00:00.000Z' })
    })

    it('gives every move a sequence beyond all before it', async () => {
      const sequences = [
        await move('production', 1),
        await move('staging', 1),
        await move('production', null),
        await move('production', 2),
      ].map(({ sequence }) => sequence)
      expect(sequences).to.deep.equal([...new Set(sequences)].sort((one, other) => one - other))
    })

    it('returns the move as its history tells it', async () => {
      const moved = await move('production', 1)
      expect(await catalog.tagHistory('shop', 'production', { limit: 1 })).to.deep.equal([moved])
    })

    it('tells the history page by page', async () => {
      for (const to of [1, 2, 3, 2, 1]) await move('production', to)
      const first = await catalog.tagHistory('shop', 'production', { limit: 3 })
      const cursor = first.at(-1)?.sequence ?? 0
      const second = await catalog.tagHistory('shop', 'production', { limit: 3, cursor })
      expect([...first, ...second].map(({ to }) => to)).to.deep.equal([1, 2, 3, 2, 1])
      expect(second).to.have.length(2)
    })

    it('keeps the history of a deleted tag, and goes on with it', async () => {
      await move('production', 1)
      await move('production', null, { reason: 'Not needed' })
      expect(await catalog.findTag('shop', 'production')).to.equal(undefined)
      expect(await catalog.listTags('shop')).to.deep.equal([])
      await move('production', 2)
      const history = await catalog.tagHistory('shop', 'production', { limit: 10 })
      expect(history.map(({ from, to }) => [from, to])).to.deep.equal([
        [null, 2],
        [1, null],
        [null, 1],
      ])
    })

    it('keeps the history of a tag that pointed at a release which is deleted since', async () => {
      await move('production', 1)
      await move('production', 2)
      await catalog.write('shop', (writer) => writer.deleteRelease('shop', 1))
      const history = await catalog.tagHistory('shop', 'production', { limit: 10 })
      expect(history.map(({ from, to }) => [from, to])).to.deep.equal([
        [1, 2],
        [null, 1],
      ])
    })

    describe('what pulls need', () => {
      it('is every model with its default tag, its revision, and the releases of its tags', async () => {
        await publish(catalog, 'bank', 'four')
        await catalog.write('empty', (writer) => writer.ensureModel('empty', CREATED))
        await move('latest', 3)
        await move('production', 1)
        await catalog.write('shop', (writer) => writer.setDefaultTag('shop', 'production'))
        const current = await catalog.readCurrent()
        const seen = current.map(({ model, defaultTag, tags }) => [
          model,
          defaultTag,
          tags.map(({ tag, release }) => [tag, release.number]),
        ])
        expect(seen).to.deep.equal([
          ['bank', 'latest', []],
          ['empty', 'latest', []],
          [
            'shop',
            'production',
            [
              ['latest', 3],
              ['production', 1],
            ],
          ],
        ])
        const [, , shop] = current
        expect(shop?.revision).to.equal((await catalog.findModel('shop'))?.revision)
        const { number, digest, size, filename } = (await catalog.findRelease('shop', 3))!
        expect(shop?.tags[0]?.release).to.deep.equal({ number, digest, size, filename })
      })

      it('can be read of one model', async () => {
        await publish(catalog, 'bank', 'four')
        const current = await catalog.readCurrent('bank')
        expect(current.map(({ model }) => model)).to.deep.equal(['bank'])
      })

      it('can be read inside the write that changes it', async () => {
        const current = await catalog.write('shop', async (writer) => {
          await writer.moveTag('shop', 'latest', 2, MOVED)
          return await writer.readCurrent('shop')
        })
        expect(current[0]?.tags[0]?.release).to.include({ number: 2 })
        expect(current).to.deep.equal(await catalog.readCurrent('shop'))
      })
    })
  })
}
