import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { openSharedCatalog } from '../../server/catalog/postgres/postgres-catalog.ts'
import { settingsOf, withPostgres } from '../support/a-postgres-catalog.ts'
import { eventually } from '../support/eventually.ts'
import { administer } from '../support/services/shared-postgres.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

describe('the servers over one database, as each of them lists them', function () {
  this.timeout(120_000)
  const postgres = withPostgres()

  /** How far behind a server is said to be that was heard so many milliseconds ago, and had compared 300 ms before that. */
  const behindAfter = async (silence: number): Promise<number> => {
    const database = await postgres.database()
    const server = { ...{ id: randomUUID(), place: 'here', host: 'a', version: '1' }, storage: SHARED }
    const { catalog, group } = await openSharedCatalog(settingsOf(database), { server })
    afterThisTest(() => catalog.close())
    // The clock goes on between the two statements: once they come close enough to each other, and they do.
    return await eventually('the other one is listed', async () => {
      await administer(
        database,
        `with clock as (select (extract(epoch from clock_timestamp()) * 1000)::bigint - ${silence} as seen)
          insert into servers (id, place, host, address, version, storage, started_at, seen_at, compared_at)
          select 'other', 'there', 'b', '', '1', 'a bucket', seen, seen, seen - 300 from clock
          on conflict (id) do update set seen_at = excluded.seen_at, compared_at = excluded.compared_at`,
      )
      const behind = (await group?.list())?.find(({ id }) => id === 'other')?.behind
      return behind !== undefined && behind < silence + 300 && behind
    })
  }

  it('are not behind between two heartbeats, as they go on comparing', async () => {
    expect(await behindAfter(4_000)).to.equal(300)
  })

  it('are behind by all the time since the heartbeat that did not come', async () => {
    expect(await behindAfter(60_000)).to.be.within(54_300, 60_300)
  })
})

const SHARED = { name: 'a bucket', isShared: true }
