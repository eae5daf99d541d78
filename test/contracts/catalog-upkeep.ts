import { expect } from 'chai'
import type { Catalog, CatalogWriter, SharedWriter } from '../../server/catalog/catalog.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { CREATED, digestOf, MOVED, publish, rejection } from './catalog-support.ts'

/** What every catalog promises to those who keep it and its blobs in order. */
export function describeCatalogUpkeep(name: string, make: () => Promise<Catalog>): void {
  describe(`${name}, a catalog to keep in order`, () => {
    let catalog: Catalog

    beforeEach(async () => {
      catalog = await make()
      const made = catalog
      afterThisTest(() => made.close())
      for (const seed of ['one', 'two', 'three']) await publish(catalog, 'shop', seed)
    })

    const write = <Result>(work: (writer: CatalogWriter) => Promise<Result>) => catalog.write('shop', work)
    const share = <Result>(work: (writer: SharedWriter) => Promise<Result>) => catalog.writeShared(work)
    const move = (to: number | null) => write((writer) => writer.moveTag('shop', 'production', to, MOVED))

    describe('outlines of releases', () => {
      it('say what retention asks for, newest first, page by page', async () => {
        const first = await catalog.listReleaseOutlines('shop', { limit: 2 })
        expect(first.map(({ number }) => number)).to.deep.equal([3, 2])
        expect(await catalog.listReleaseOutlines('shop', { limit: 2, cursor: 2 })).to.deep.equal([
          { number: 1, digest: digestOf('one'), size: 1234, publishedAt: CREATED },
        ])
      })
    })

    describe('the last releases of a tag', () => {
      it('come each once, the last first, and no more than asked for', async () => {
        for (const to of [1, 2, 1, 3]) await move(to)
        expect(await catalog.lastReleasesOfTag('shop', 'production', 5)).to.deep.equal([3, 1, 2])
        expect(await catalog.lastReleasesOfTag('shop', 'production', 2)).to.deep.equal([3, 1])
      })

      it('are found behind thousands of moves to and fro', async () => {
        await write(async (writer) => {
          await writer.moveTag('shop', 'production', 3, MOVED)
          for (let turn = 0; turn < 150; turn++) {
            await writer.moveTag('shop', 'production', 1, MOVED)
            await writer.moveTag('shop', 'production', 2, MOVED)
          }
        })
        expect(await catalog.lastReleasesOfTag('shop', 'production', 5)).to.deep.equal([2, 1, 3])
      })

      it('leave out what was deleted, and other models', async () => {
        for (const to of [1, 2]) await move(to)
        await publish(catalog, 'bank', 'one')
        await catalog.write('bank', (writer) => writer.moveTag('bank', 'production', 1, MOVED))
        await write((writer) => writer.deleteRelease('shop', 1))
        expect(await catalog.lastReleasesOfTag('shop', 'production', 5)).to.deep.equal([2])
      })
    })

    describe('digests', () => {
      const digests = ['one', 'two', 'three'].map(digestOf).sort()

      it('are listed in order, each once, from where one was', async () => {
        await publish(catalog, 'bank', 'one')
        const listed = await catalog.listDigests({ limit: 2 })
        expect(listed).to.deep.equal(digests.slice(0, 2).map((digest) => ({ digest, size: 1234 })))
        const rest = await catalog.listDigests({ limit: 2, cursor: digests[1]! })
        expect(rest.map(({ digest }) => digest)).to.deep.equal(digests.slice(2))
      })

      it('are measured, whole and from one on', async () => {
        await publish(catalog, 'bank', 'one')
        expect(await catalog.measureDigests()).to.deep.equal({ blobs: 3, bytes: 3702 })
        expect(await catalog.measureDigests(digests[1])).to.deep.equal({ blobs: 1, bytes: 1234 })
        expect(await catalog.measureDigests(digests[2])).to.deep.equal({ blobs: 0, bytes: 0 })
      })

      it('are told from those that no release has', async () => {
        const asked = ['one', 'none', 'three'].map(digestOf)
        const released = await catalog.releasedAmong(asked)
        expect([...released].sort()).to.deep.equal(['one', 'three'].map(digestOf).sort())
        expect(await catalog.releasedAmong([])).to.have.property('size', 0)
      })

      it('have a size while a release has them', async () => {
        expect(await catalog.digestSize(digestOf('one'))).to.equal(1234)
        await write((writer) => writer.deleteRelease('shop', 1))
        expect(await catalog.digestSize(digestOf('one'))).to.equal(undefined)
      })
    })

    describe('deleting many releases', () => {
      it('leaves the others, and overlooks what is gone already', async () => {
        const before = await catalog.findModel('shop')
        await write((writer) => writer.deleteReleases('shop', [1, 3, 7]))
        const left = await catalog.listReleases('shop', { limit: 9 })
        expect(left.map(({ number }) => number)).to.deep.equal([2])
        expect((await catalog.findModel('shop'))!.revision).to.be.above(before!.revision)
        await write((writer) => writer.deleteReleases('shop', []))
        expect(await publish(catalog, 'shop', 'four')).to.include({ number: 4 })
      })

      it('is refused where a tag points at one, and deletes none then', async () => {
        await move(2)
        const refusal = await rejection(write((writer) => writer.deleteReleases('shop', [1, 2])))
        expect(refusal).to.include({ code: 'release-in-use' })
        expect(await catalog.countReleases('shop')).to.equal(3)
      })
    })

    describe('damaged blobs', () => {
      const damaged = {
        digest: digestOf('one'),
        kind: 'damaged' as const,
        version: '5-6-7',
        damagedAt: CREATED,
      }

      it('are remembered as they were last seen, until they are healed', async () => {
        await share((writer) => writer.rememberDamagedBlob({ ...damaged, kind: 'missing', version: '' }))
        await share((writer) => writer.rememberDamagedBlob(damaged))
        expect(await catalog.listDamagedBlobs()).to.deep.equal([damaged])
        await share((writer) => writer.forgetDamagedBlob(damaged.digest))
        expect(await catalog.listDamagedBlobs()).to.deep.equal([])
      })
    })

    describe('unused blobs', () => {
      const early = '2026-01-01T00:00:00.000Z'
      const late = '2026-01-02T00:00:00.000Z'

      it('are listed once their time has come, by when they were first noted', async () => {
        await share((writer) => writer.noteUnusedBlobs([digestOf('one')], early))
        await share((writer) => writer.noteUnusedBlobs([digestOf('one'), digestOf('two')], late))
        expect(await catalog.listUnusedBlobs(early, 10)).to.deep.equal([])
        expect(await catalog.listUnusedBlobs(late, 10)).to.deep.equal([digestOf('one')])
        expect(await catalog.listUnusedBlobs('2026-01-03T00:00:00.000Z', 1)).to.have.length(1)
      })

      it('are forgotten by name, also by the thousand', async () => {
        const many = Array.from({ length: 1200 }, (_, index) => digestOf(String(index)))
        await share((writer) => writer.noteUnusedBlobs(many, early))
        expect(await catalog.listUnusedBlobs(late, 5000)).to.have.length(1200)
        await share((writer) => writer.forgetUnusedBlobs(many.slice(1)))
        expect(await catalog.listUnusedBlobs(late, 5000)).to.deep.equal([digestOf('0')])
      })
    })

    describe('the progress of a task', () => {
      it('is what was saved last', async () => {
        expect(await catalog.findTaskProgress('scrub')).to.equal(undefined)
        const progress = { position: digestOf('one'), begunAt: CREATED, completedAt: null }
        await share((writer) => writer.saveTaskProgress('scrub', { ...progress, position: '' }))
        await share((writer) => writer.saveTaskProgress('scrub', progress))
        expect(await catalog.findTaskProgress('scrub')).to.deep.equal(progress)
      })
    })

    describe('the exports of tags', () => {
      it('are the last of each tag', async () => {
        expect(await catalog.listExports()).to.deep.equal([])
        const first = {
          model: 'shop',
          tag: 'production',
          place: 's3://released',
          name: 'shop/production.tar.gz',
          digest: digestOf('one'),
          version: '"1"',
          exportedAt: CREATED,
        }
        const last = { ...first, name: 'production.tar.gz', digest: digestOf('two'), version: '"2"' }
        const other = { ...first, tag: 'staging' }
        await share((writer) => writer.rememberExport(first))
        await share((writer) => writer.rememberExport(other))
        await share((writer) => writer.rememberExport(last))
        expect(await catalog.listExports()).to.have.deep.members([last, other])
      })

      it('are in doubt from before an upload until it is noted', async () => {
        const production = {
          model: 'shop',
          tag: 'production',
          place: 's3://released',
          name: 'shop/production.tar.gz',
          digest: digestOf('one'),
          version: '"1"',
          exportedAt: CREATED,
        }
        const staging = { ...production, tag: 'staging' }
        await share((writer) => writer.beginExport(production))
        expect(await catalog.listExports()).to.deep.equal([])
        for (const each of [production, staging]) await share((writer) => writer.rememberExport(each))
        await share((writer) => writer.beginExport(production))
        const doubtful = { ...production, version: null }
        expect(await catalog.listExports()).to.have.deep.members([doubtful, staging])
        const noted = { ...production, version: '"2"' }
        await share((writer) => writer.rememberExport(noted))
        expect(await catalog.listExports()).to.have.deep.members([noted, staging])
      })
    })

    describe('the files of imports', () => {
      it('keep by which rules they were refused', async () => {
        const refused = {
          path: 'bad.tar.gz',
          size: 9,
          modifiedAt: 1,
          digest: null,
          code: 'archive-corrupt',
        }
        const record = { ...refused, outcome: 'refused' as const, refusedBy: '1.0.0 members=5' }
        await share((writer) => writer.rememberIntakeRecord(record))
        expect(await catalog.findIntakeRecord('bad.tar.gz')).to.deep.equal(record)
        const { refusedBy: _, ...taken } = { ...record, outcome: 'known' as const }
        await share((writer) => writer.rememberIntakeRecord(taken))
        expect(await catalog.findIntakeRecord('bad.tar.gz')).to.deep.equal(taken)
      })

      it('keep their version', async () => {
        const file = {
          path: 's3://models/one.tar.gz',
          size: 9,
          modifiedAt: 1,
          digest: null,
          outcome: 'refused' as const,
          code: 'archive-corrupt',
          version: '"2"',
        }
        await share((writer) => writer.rememberIntakeRecord({ ...file, version: '"1"' }))
        await share((writer) => writer.rememberIntakeRecord(file))
        expect(await catalog.findIntakeRecord(file.path)).to.deep.equal(file)
      })
    })

    describe('skipping numbers', () => {
      it('leaves a gap in every model, and in those that come later', async () => {
        await publish(catalog, 'bank', 'one')
        const skipped = await catalog.writeEveryModel((writer) => writer.skipNumbers(1000))
        expect(skipped).to.deep.equal([
          { model: 'bank', from: 2, to: 2001 },
          { model: 'shop', from: 4, to: 2001 },
        ])
        expect(await publish(catalog, 'shop', 'four')).to.include({ number: 2001 })
        expect(await publish(catalog, 'new', 'one')).to.include({ number: 1001 })
      })

      it('leaves another gap each time', async () => {
        await catalog.writeEveryModel((writer) => writer.skipNumbers(1000))
        await catalog.writeEveryModel((writer) => writer.skipNumbers(1000))
        expect(await publish(catalog, 'shop', 'four')).to.include({ number: 3001 })
        expect(await publish(catalog, 'new', 'one')).to.include({ number: 2001 })
      })
    })

    it('keeps none of these changes where the write fails, and raises no revision by them', async () => {
      const before = await catalog.findModel('shop')
      const failing = catalog.writeEveryModel(async (writer) => {
        await writer.skipNumbers(1000)
        await writer.noteUnusedBlobs([digestOf('one')], CREATED)
        throw new Error('stop')
      })
      await failing.catch(() => undefined)
      await share((writer) => writer.noteUnusedBlobs([digestOf('two')], CREATED))
      expect(await catalog.findModel('shop')).to.deep.equal(before)
      expect(await catalog.listUnusedBlobs('2030-01-01T00:00:00.000Z', 9)).to.deep.equal([digestOf('two')])
    })
  })
}
