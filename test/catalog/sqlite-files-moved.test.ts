import { copyFile, mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { openSqliteCatalog } from '../../server/catalog/sqlite/sqlite-catalog.ts'
import { isDamaged } from '../../server/catalog/sqlite/sqlite-error.ts'
import type { DomainError } from '../../server/errors/errors.ts'
import { publish, rejection } from '../contracts/catalog-support.ts'
import { eventually } from '../support/eventually.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

describe('SqliteCatalog, when its files go while it is open', () => {
  let folder: string
  let file: string
  let catalog: Catalog
  let told: (DomainError | undefined)[]

  beforeEach(async () => {
    folder = path.join(await temporaryDirectory(), 'data')
    await mkdir(folder)
    file = path.join(folder, 'catalog.sqlite')
    told = []
    catalog = await openSqliteCatalog(file, {
      probe: { firstMs: 5, longestMs: 5 },
      onWritable: (refusal) => told.push(refusal),
    })
    afterThisTest(() => catalog.close())
    await publish(catalog, 'shop', 'one')
  })

  const losses: Record<string, () => Promise<void>> = {
    'the file was deleted': () => rm(file),
    'the write-ahead log was deleted': () => rm(`${file}-wal`),
    'the whole folder was deleted': () => rm(folder, { recursive: true }),
    'a copy took the place of the file': async () => {
      await copyFile(file, `${file}.copy`)
      await rename(`${file}.copy`, file)
    },
  }
  for (const [what, lose] of Object.entries(losses)) {
    it(`takes no change that the next start would not know: ${what}`, async () => {
      await lose()
      expect(await rejection(publish(catalog, 'shop', 'two'))).to.include({ code: 'catalog-unavailable' })
      expect(told[0]).to.include({ code: 'catalog-unavailable' })
      expect(await rejection(publish(catalog, 'shop', 'two'))).to.include({ code: 'catalog-unavailable' })
    })
  }

  it('takes changes again by itself once they are back', async () => {
    await rename(folder, `${folder}-away`)
    await rejection(publish(catalog, 'shop', 'two'))
    await rename(`${folder}-away`, folder)
    await eventually('it says so', () => told.length === 2 && told[1] === undefined)
    expect(await publish(catalog, 'shop', 'two')).to.include({ number: 2 })
  })
  const overwritten: Record<string, (bytes: Buffer) => Promise<Buffer>> = {
    'with noise': (bytes) => Promise.resolve(Buffer.from(bytes.fill(0x5a, 100))),
    'with its first half': (bytes) => Promise.resolve(bytes.subarray(0, bytes.length >> 1)),
    'with nothing': () => Promise.resolve(Buffer.alloc(0)),
    'with another catalog': async () => {
      const other = path.join(await temporaryDirectory(), 'catalog.sqlite')
      await (await openSqliteCatalog(other)).close()
      return readFile(other)
    },
  }
  for (const [how, contents] of Object.entries(overwritten)) {
    it(`says so by itself where the file is overwritten in place ${how}, and takes no change`, async () => {
      const watched = path.join(folder, 'watched.sqlite')
      const before = await openSqliteCatalog(watched)
      await publish(before, 'shop', 'one')
      await before.close()
      const refusals: (DomainError | undefined)[] = []
      const onWritable = (refusal: DomainError | undefined) => refusals.push(refusal)
      const open = await openSqliteCatalog(watched, { lookEveryMs: 5, onWritable })
      afterThisTest(() => open.close().catch(() => undefined))
      await publish(open, 'shop', 'two')
      await writeFile(watched, await contents(await readFile(watched)))
      await eventually('it says so', () => refusals.length > 0)
      expect(refusals[0]).to.include({ code: 'catalog-unavailable' })
      expect(isDamaged(refusals[0])).to.equal(true)
      expect(await rejection(publish(open, 'shop', 'three'))).to.include({ code: 'catalog-unavailable' })
    })
  }

  it('goes on where another program touched the file and changed nothing', async () => {
    const now = new Date()
    await utimes(file, now, now)
    expect(await publish(catalog, 'shop', 'two')).to.include({ number: 2 })
    const other = new Database(file)
    other.pragma('wal_checkpoint(truncate)')
    other.close()
    expect(await publish(catalog, 'shop', 'three')).to.include({ number: 3 })
    expect(told).to.deep.equal([])
  })
})
