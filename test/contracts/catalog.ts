import { expect } from 'chai'
import type { Catalog, CatalogWriter } from '../../server/catalog/catalog.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { aRelease, CREATED, digestOf, MOVED, publish, rejection } from './catalog-support.ts'

/** What every catalog promises; `make` gives a new, empty one. */
export function describeCatalog(name: string, make: () => Promise<Catalog>): void {
  describe(`${name}, a catalog`, () => {
    let catalog: Catalog

    beforeEach(async () => {
      catalog = await make()
      const made = catalog
      afterThisTest(() => made.close())
    })

    const revisionOf = async (model: string) => (await catalog.findModel(model))?.revision ?? 0
    const write = <Result>(work: (writer: CatalogWriter) => Promise<Result>) => catalog.write('shop', work)

    describe('models', () => {
      it('begin with `latest` as default tag and 1 as the next number', async () => {
        const made = await write((writer) => writer.ensureModel('shop', CREATED))
        expect(made).to.include({ model: 'shop', defaultTag: 'latest', createdAt: CREATED, nextNumber: 1 })
        expect(await catalog.findModel('shop')).to.deep.equal(made)
      })

      it('that exist are left as they are', async () => {
        const made = await write((writer) => writer.ensureModel('shop', CREATED))
        const again = await write((writer) => writer.ensureModel('shop', '2030-01-01T00:00:00.000Z'))
        expect(again).to.deep.equal(made)
      })

      it('that do not exist are undefined, and have nothing', async () => {
        expect(await catalog.findModel('shop')).to.equal(undefined)
        expect(await catalog.highestRelease('shop')).to.equal(undefined)
        expect(await catalog.listReleases('shop', { limit: 10 })).to.deep.equal([])
        expect(await catalog.countReleases('shop')).to.equal(0)
        expect(await catalog.listTags('shop')).to.deep.equal([])
        expect(await catalog.readCurrent('shop')).to.deep.equal([])
      })

      it('are listed newest first, by name where they are of one instant, page by page', async () => {
        await catalog.writeEveryModel(async (writer) => {
          for (const model of ['c', 'a', 'b.1', 'b']) await writer.ensureModel(model, CREATED)
          await writer.ensureModel('newest', '2026-01-01T00:00:00.001Z')
          await writer.ensureModel('oldest', '2025-12-31T23:59:59.999Z')
        })
        const first = await catalog.listModels({ limit: 2 })
        const second = await catalog.listModels({ limit: 2, cursor: { createdAt: CREATED, model: 'a' } })
        const third = await catalog.listModels({ limit: 3, cursor: { createdAt: CREATED, model: 'b.1' } })
        const names = [first, second, third].map((page) => page.map(({ model }) => model))
        expect(names).to.deep.equal([
          ['newest', 'a'],
          ['b', 'b.1'],
          ['c', 'oldest'],
        ])
      })

      it('are listed of some names alone, in the same order and by the same pages', async () => {
        await catalog.writeEveryModel(async (writer) => {
          for (const model of ['c', 'a', 'b.1', 'b']) await writer.ensureModel(model, CREATED)
          await writer.ensureModel('newest', '2026-01-01T00:00:00.001Z')
        })
        // More names than one statement takes, of which the catalog does not have most.
        const among = ['c', 'b', ...Array.from({ length: 600 }, (_, index) => `x${index}`), 'newest', 'b.1']
        const first = await catalog.listModels({ limit: 2 }, among)
        const second = await catalog.listModels(
          { limit: 3, cursor: { createdAt: CREATED, model: 'b' } },
          among,
        )
        const names = [first, second].map((page) => page.map(({ model }) => model))
        expect(names).to.deep.equal([
          ['newest', 'b'],
          ['b.1', 'c'],
        ])
        expect(await catalog.listModels({ limit: 2 }, [])).to.deep.equal([])
      })

      it('raise the revision of the model that is changed, and of no other', async () => {
        const { revision } = await write((writer) => writer.ensureModel('shop', CREATED))
        await publish(catalog, 'shop', 'one')
        await catalog.write('bank', (writer) => writer.ensureModel('bank', CREATED))
        expect((await catalog.findModel('shop'))?.revision).to.be.above(revision)
        expect(await catalog.findModel('bank')).to.include({ revision: 1 })
      })

      it('tell their revisions, all at once', async () => {
        await publish(catalog, 'shop', 'one')
        await publish(catalog, 'bank', 'one')
        const shop = await catalog.findModel('shop')
        const { revisions } = await catalog.listRevisions()
        expect(revisions).to.have.length(2)
        expect(revisions).to.deep.include({ model: 'shop', revision: shop?.revision })
      })

      it('keep the default tag that they were given', async () => {
        await publish(catalog, 'shop', 'one')
        await write((writer) => writer.setDefaultTag('shop', 'production'))
        expect(await catalog.findModel('shop')).to.include({ defaultTag: 'production' })
      })

      it('refuse a default tag where there is no such model', async () => {
        const refusal = await rejection(write((writer) => writer.setDefaultTag('shop', 'production')))
        expect(refusal).to.include({ code: 'model-not-found' })
      })
    })

    describe('releases', () => {
      it('are numbered from 1 for each model of its own', async () => {
        const numbers = [
          await publish(catalog, 'shop', 'one'),
          await publish(catalog, 'shop', 'two'),
          await publish(catalog, 'bank', 'one'),
        ].map(({ model, number }) => [model, number])
        expect(numbers).to.deep.equal([
          ['shop', 1],
          ['shop', 2],
          ['bank', 1],
        ])
      })

      it('come back as they were put in', async () => {
        const put = {
          ...aRelease('shop', 'one'),
          size: 5_000_000_000,
          notes: 'Grüße, ÄÖÜ äöü, 模型 🚢\n"x"; --',
        }
        const release = await write(async (writer) => {
          await writer.ensureModel('shop', CREATED)
          return await writer.insertRelease(put)
        })
        expect(release).to.deep.equal({ ...put, number: 1 })
        expect(await catalog.findRelease('shop', 1)).to.deep.equal(release)
        const { intents: _, ...archive } = release.archive
        expect(await catalog.findReleaseSummary('shop', 1)).to.deep.equal({ ...release, archive })
        expect(await catalog.highestRelease('shop')).to.deep.equal({ ...release, archive })
        expect(await catalog.listReleases('shop', { limit: 9 })).to.deep.equal([{ ...release, archive }])
      })

      it('cannot be changed through what was given out', async () => {
        const release = await publish(catalog, 'shop', 'one')
        release.archive.warnings.push({ code: 'nlu-only', message: 'Not so.' })
        release.archive.intents?.push('intruder')
        const read = await catalog.findRelease('shop', 1)
        read?.archive.intents?.push('intruder')
        expect((await catalog.findRelease('shop', 1))?.archive).to.deep.equal(aRelease('shop', 'one').archive)
      })

      it('need their model', async () => {
        const refusal = await rejection(write((writer) => writer.insertRelease(aRelease('shop', 'one'))))
        expect(refusal).to.include({ code: 'model-not-found' })
      })

      it('are listed newest first by number, whatever the clock said', async () => {
        await write(async (writer) => {
          await writer.ensureModel('shop', CREATED)
          for (const day of ['03', '01', '02']) {
            const publishedAt = `2026-01-${day}T00:00:00.000Z`
            await writer.insertRelease({ ...aRelease('shop', day), publishedAt })
          }
        })
        const releases = await catalog.listReleases('shop', { limit: 10 })
        expect(releases.map(({ number }) => number)).to.deep.equal([3, 2, 1])
        expect(await catalog.highestRelease('shop')).to.include({ number: 3 })
      })

      it('are listed page by page, also while others are added', async () => {
        for (const seed of ['1', '2', '3', '4', '5']) await publish(catalog, 'shop', seed)
        await publish(catalog, 'bank', '1')
        const first = await catalog.listReleases('shop', { limit: 2 })
        await publish(catalog, 'shop', '6')
        const second = await catalog.listReleases('shop', { limit: 2, cursor: 4 })
        const third = await catalog.listReleases('shop', { limit: 2, cursor: 2 })
        const numbers = [first, second, third].map((page) => page.map(({ number }) => number))
        expect(numbers).to.deep.equal([[5, 4], [3, 2], [1]])
        expect(await catalog.countReleases('shop')).to.equal(6)
      })

      it('take new notes, and change in nothing else', async () => {
        const release = await publish(catalog, 'shop', 'one')
        await write((writer) => writer.updateNotes('shop', 1, 'İstanbul'))
        expect(await catalog.findRelease('shop', 1)).to.deep.equal({ ...release, notes: 'İstanbul' })
      })

      it('that do not exist take no notes and cannot be deleted', async () => {
        await publish(catalog, 'shop', 'one')
        const noted = await rejection(write((writer) => writer.updateNotes('shop', 2, 'x')))
        const deleted = await rejection(write((writer) => writer.deleteRelease('shop', 2)))
        expect([noted, deleted].map(({ code }) => code)).to.deep.equal([
          'release-not-found',
          'release-not-found',
        ])
      })

      it('that were deleted are gone, and their numbers are never given again', async () => {
        for (const seed of ['1', '2', '3']) await publish(catalog, 'shop', seed)
        await write(async (writer) => {
          await writer.deleteRelease('shop', 3)
          await writer.deleteRelease('shop', 2)
        })
        expect(await catalog.findRelease('shop', 3)).to.equal(undefined)
        expect(await catalog.countReleases('shop')).to.equal(1)
        expect(await catalog.highestRelease('shop')).to.include({ number: 1 })
        expect(await publish(catalog, 'shop', '4')).to.include({ number: 4 })
      })

      it('cannot be deleted while a tag points at them', async () => {
        await publish(catalog, 'shop', 'one')
        await write((writer) => writer.moveTag('shop', 'production', 1, MOVED))
        const refusal = await rejection(write((writer) => writer.deleteRelease('shop', 1)))
        expect(refusal).to.include({ code: 'release-in-use' })
        expect(refusal.message).to.contain('production')
        expect(await catalog.findRelease('shop', 1)).to.include({ number: 1 })
      })
    })

    describe('digests', () => {
      it('are known for the model that has them, and for all', async () => {
        await publish(catalog, 'shop', 'one')
        expect(await catalog.everHadDigest('shop', digestOf('one'))).to.equal(true)
        expect(await catalog.everHadDigest('bank', digestOf('one'))).to.equal(false)
        expect(await catalog.everHadDigest('shop', digestOf('two'))).to.equal(false)
        expect(await catalog.isDigestReleased(digestOf('one'))).to.equal(true)
        expect(await catalog.isDigestReleased(digestOf('two'))).to.equal(false)
      })

      it('of deleted releases are remembered by their model, but no longer released', async () => {
        await publish(catalog, 'shop', 'one')
        await write((writer) => writer.deleteRelease('shop', 1))
        expect(await catalog.everHadDigest('shop', digestOf('one'))).to.equal(true)
        expect(await catalog.isDigestReleased(digestOf('one'))).to.equal(false)
      })

      it('may come several times, and are released until the last of them is deleted', async () => {
        for (const seed of ['one', 'two', 'one']) await publish(catalog, 'shop', seed)
        await write((writer) => writer.deleteRelease('shop', 1))
        expect(await catalog.isDigestReleased(digestOf('one'))).to.equal(true)
        await write((writer) => writer.deleteRelease('shop', 3))
        expect(await catalog.isDigestReleased(digestOf('one'))).to.equal(false)
      })
    })

    describe('the inbox', () => {
      const file = {
        path: 'shop/a.tar.gz',
        size: 5_000_000_000,
        modifiedAt: 1_795_423_515_580.5713,
        digest: digestOf('one'),
        outcome: 'published' as const,
        code: null,
      }

      it('is remembered file by file, to the fraction of a millisecond', async () => {
        await write((writer) => writer.rememberIntakeRecord(file))
        expect(await catalog.findIntakeRecord(file.path)).to.deep.equal(file)
        expect(await catalog.findIntakeRecord('shop/A.tar.gz')).to.equal(undefined)
      })

      it('has the last word on each file', async () => {
        const refused = {
          ...file,
          size: 3,
          digest: null,
          outcome: 'refused' as const,
          code: 'archive-not-gzip',
        }
        await write((writer) => writer.rememberIntakeRecord(file))
        await write((writer) => writer.rememberIntakeRecord(refused))
        expect(await catalog.findIntakeRecord(file.path)).to.deep.equal(refused)
      })
    })

    describe('the revision of a model', () => {
      it('grows with every change of the model, its releases and its tags', async () => {
        const seen = [await revisionOf('shop')]
        const changes: ((writer: CatalogWriter) => Promise<unknown>)[] = [
          (writer) => writer.ensureModel('shop', CREATED),
          (writer) => writer.insertRelease(aRelease('shop', 'one')),
          (writer) => writer.insertRelease(aRelease('shop', 'two')),
          (writer) => writer.updateNotes('shop', 1, 'x'),
          (writer) => writer.moveTag('shop', 'production', 1, MOVED),
          (writer) => writer.moveTag('shop', 'production', 2, MOVED),
          (writer) => writer.setDefaultTag('shop', 'production'),
          (writer) => writer.moveTag('shop', 'production', null, MOVED),
          (writer) => writer.deleteRelease('shop', 1),
        ]
        for (const change of changes) {
          await write(change)
          seen.push(await revisionOf('shop'))
        }
        expect(seen).to.deep.equal([...new Set(seen)].sort((one, other) => one - other))
      })

      it('stays where it is when another model changes, or none', async () => {
        await publish(catalog, 'shop', 'one')
        const before = await revisionOf('shop')
        await publish(catalog, 'bank', 'one')
        await write((writer) => writer.ensureModel('shop', CREATED))
        expect(await revisionOf('shop')).to.equal(before)
      })
    })

    describe('a write', () => {
      it('resolves to what its work resolves to', async () => {
        expect(await write(() => Promise.resolve('done'))).to.equal('done')
      })

      it('that fails leaves nothing, and takes no number', async () => {
        await publish(catalog, 'shop', 'one')
        const before = await catalog.readCurrent()
        const failure = new Error('stop')
        const failing = catalog.writeEveryModel(async (writer) => {
          await writer.ensureModel('bank', CREATED)
          await writer.insertRelease(aRelease('shop', 'two'))
          await writer.moveTag('shop', 'production', 2, MOVED)
          await writer.updateNotes('shop', 1, 'changed')
          throw failure
        })
        expect(await rejection(failing)).to.equal(failure)
        expect(await catalog.readCurrent()).to.deep.equal(before)
        expect(await catalog.everHadDigest('shop', digestOf('two'))).to.equal(false)
        expect(await catalog.tagHistory('shop', 'production', { limit: 1 })).to.deep.equal([])
        expect(await catalog.findRelease('shop', 1)).to.include({ notes: '' })
        expect(await publish(catalog, 'shop', 'two')).to.include({ number: 2 })
      })

      it('sees its own changes, which others see only when it ended', async () => {
        await publish(catalog, 'shop', 'one')
        await write(async (writer) => {
          await writer.insertRelease(aRelease('shop', 'two'))
          await writer.moveTag('shop', 'production', 2, MOVED)
          expect(await writer.highestRelease('shop')).to.include({ number: 2 })
          expect(await writer.findTag('shop', 'production')).to.include({ release: 2 })
          expect(await catalog.highestRelease('shop')).to.include({ number: 1 })
          expect(await catalog.findTag('shop', 'production')).to.equal(undefined)
        })
        expect(await catalog.findTag('shop', 'production')).to.include({ release: 2 })
      })

      it('runs alone: what it read is still so when it writes', async () => {
        await publish(catalog, 'shop', 'one')
        const append = (word: string) =>
          write(async (writer) => {
            const notes = (await writer.findRelease('shop', 1))?.notes ?? ''
            await new Promise((resolve) => setImmediate(resolve))
            await writer.updateNotes('shop', 1, notes + word)
          })
        await Promise.all(['a', 'b', 'c', 'd'].map(append))
        const { notes } = (await catalog.findRelease('shop', 1)) ?? {}
        // Databases let those that wait for a lock in as they like.
        expect(notes?.split('')).to.have.members(['a', 'b', 'c', 'd'])
      })

      it('gives no number twice to many at once', async () => {
        const published = await Promise.all(
          Array.from({ length: 50 }, (_, index) => publish(catalog, 'shop', String(index))),
        )
        const numbers = new Set(published.map(({ number }) => number))
        expect(numbers.size).to.equal(50)
        expect(await catalog.highestRelease('shop')).to.include({ number: 50 })
      })

      it('changes no model but its own', async () => {
        await publish(catalog, 'bank', 'one')
        const before = await catalog.readCurrent()
        const changes: ((writer: CatalogWriter) => Promise<unknown>)[] = [
          (writer) => writer.ensureModel('other', CREATED),
          (writer) => writer.setDefaultTag('bank', 'production'),
          (writer) => writer.insertRelease(aRelease('bank', 'two')),
          (writer) => writer.updateNotes('bank', 1, 'x'),
          (writer) => writer.moveTag('bank', 'production', 1, MOVED),
          (writer) => writer.deleteRelease('bank', 1),
          (writer) => writer.deleteReleases('bank', [1]),
          (writer) => writer.skipNumbers(1000),
        ]
        for (const change of changes) expect((await rejection(write(change))).message).to.match(/model/)
        expect(await catalog.readCurrent()).to.deep.equal(before)
      })

      it('goes ahead after one that failed', async () => {
        const [failed, published] = await Promise.allSettled([
          write(() => Promise.reject(new Error('stop'))),
          publish(catalog, 'shop', 'one'),
        ])
        expect([failed.status, published.status]).to.deep.equal(['rejected', 'fulfilled'])
      })
    })

    describe('closing', () => {
      it('waits for the writes that had begun', async () => {
        const published = publish(catalog, 'shop', 'one')
        await catalog.close()
        expect(await published).to.include({ number: 1 })
      })

      it('makes later calls reject, and may be done twice', async () => {
        await catalog.close()
        await catalog.close()
        const read = await rejection(catalog.findModel('shop'))
        const written = await rejection(write((writer) => writer.ensureModel('shop', CREATED)))
        expect([read, written].map(({ code }) => code)).to.deep.equal(['shutting-down', 'shutting-down'])
      })
    })
  })
}
