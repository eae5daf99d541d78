import { MemoryCatalog } from '../../server/catalog/memory/memory-catalog.ts'
import { describeCatalogTags } from '../contracts/catalog-tags.ts'
import { describeCatalogUpkeep } from '../contracts/catalog-upkeep.ts'
import { describeCatalog } from '../contracts/catalog.ts'

const make = () => Promise.resolve(new MemoryCatalog())

describeCatalog('MemoryCatalog', make)
describeCatalogTags('MemoryCatalog', make)
describeCatalogUpkeep('MemoryCatalog', make)
