// A program of its own, to be given little memory: opens the catalog that it is given, and says what pulls need.
// Usage: reading-program.ts FILE
import { openSqliteCatalog } from '../../server/catalog/sqlite/sqlite-catalog.ts'

const catalog = await openSqliteCatalog(process.argv[2] ?? '')
const models = await catalog.readCurrent()
const tags = models.reduce((sum, model) => sum + model.tags.length, 0)
const release = await catalog.findRelease('m0', 1)
process.stdout.write(
  JSON.stringify({
    models: models.length,
    tags,
    cut: release?.archive.cut,
    listed: release?.archive.intents,
  }),
)
await catalog.close()
