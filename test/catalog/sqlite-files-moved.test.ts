import { copyFile, mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { openSqliteCatalog } from '../../server/catalog/sqlite/sqlite-catalog.ts'
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
})
