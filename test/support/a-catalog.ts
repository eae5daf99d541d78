import path from 'node:path'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { openSqliteCatalog, type SqliteCatalogOptions } from '../../server/catalog/sqlite/sqlite-catalog.ts'
import { newCatalogFile } from './new-catalog-file.ts'
import { afterThisTest, temporaryDirectory } from './temporary-directory.ts'

/** Opens a new, empty catalog in a temporary file; it is closed after the current test. */
export async function aCatalog(options: SqliteCatalogOptions = {}): Promise<Catalog> {
  const file = path.join(await temporaryDirectory(), 'catalog.sqlite')
  await newCatalogFile(file)
  const catalog = await openSqliteCatalog(file, options)
  afterThisTest(() => catalog.close())
  return catalog
}
