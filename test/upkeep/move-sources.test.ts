import { expect } from 'chai'
import { openDatabaseSource } from '../../server/tools/migrate/database-source.ts'
import { openFolderSource } from '../../server/tools/migrate/folder-source.ts'
import type { MoveSource } from '../../server/tools/migrate/move-source.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { aFullDataDirectory } from '../support/a-full-catalog.ts'
import { openCatalogAt, settingsOf, withPostgres } from '../support/a-postgres-catalog.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

describe('a catalog that two move, of whom one waited for the other', function () {
  this.timeout(60_000)
  const postgres = withPostgres()

  const closing = async (opening: Promise<MoveSource>): Promise<MoveSource> => {
    const source = await opening
    afterThisTest(() => source.close())
    return source
  }

  /** What the second one is told, once the first one has moved it. */
  const refusalOf = async (first: MoveSource, second: MoveSource): Promise<unknown> => {
    await first.begin('/first')
    await first.conclude()
    await first.finish()
    await first.close()
    return second.explain(await rejection(second.begin('/second')))
  }

  it('is refused to the second as moved elsewhere (10), out of a database', async () => {
    const database = await postgres.database()
    await (await openCatalogAt(database)).close()
    const [first, second] = [
      await closing(openDatabaseSource(settingsOf(database))),
      await closing(openDatabaseSource(settingsOf(database))),
    ]
    const refusal = await refusalOf(first, second)
    expect(refusal).to.include({ name: 'ToolFailure', exit: 10 })
    expect(refusal).to.have.property('message').that.contains('was moved to /first meanwhile')
  })

  it('is refused to the second as moved elsewhere (10), out of a folder', async () => {
    const folder = await aFullDataDirectory()
    const [first, second] = [await closing(openFolderSource(folder)), await closing(openFolderSource(folder))]
    const refusal = await refusalOf(first, second)
    expect(refusal).to.include({ name: 'ToolFailure', exit: 10 })
    expect(refusal).to.have.property('message').that.contains('was moved to /first already')
  })
})
