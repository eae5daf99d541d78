import path from 'node:path'
import { openSqliteCatalog } from '../../server/catalog/sqlite-catalog.ts'
import { describeCatalogTags } from '../contracts/catalog-tags.ts'
import { describeCatalog } from '../contracts/catalog.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const make = async () => openSqliteCatalog(path.join(await temporaryDirectory(), 'catalog.sqlite'))

describeCatalog('SqliteCatalog', make)
describeCatalogTags('SqliteCatalog', make)
