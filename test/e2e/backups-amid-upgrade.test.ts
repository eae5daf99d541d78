import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { withServerGroups } from '../support/server-group.ts'
import { administer } from '../support/services/shared-postgres.ts'

const DEADLINE = 120_000

describe('an older housekeeper over tables that a newer version has changed', function () {
  this.timeout(600_000)
  const groups = withServerGroups()

  async function aGroup() {
    const group = await groups.group()
    const server = await group.start()
    await eventually(
      'it publishes',
      async () => {
        const body = Uint8Array.from(anArchive())
        return (await fetch(`${server.url}/models/shop`, { method: 'POST', body })).status === 201
      },
      DEADLINE,
    )
    await administer(
      group.database,
      `insert into kysely_migration (name, timestamp) values ('9999-later', '2026-11-26T12:00:00.000Z')`,
    )
    const said = (msg: string) => server.lines.some((line) => line.msg === msg)
    return { group, said }
  }

  it('lets another server do the housekeeping, and backups with it, while one of the newer version runs', async () => {
    const { group, said } = await aGroup()
    await administer(
      group.database,
      `insert into servers (id, place, host, version, address, storage, started_at, seen_at, compared_at)
        select 'newer', 'newer', 'newer', '999.0.0', '', storage, started_at, seen_at + 3600000, compared_at from servers`,
    )
    await eventually('it leaves them', () => said('backup_left_to_newer'), DEADLINE)
    await eventually('it gives way', () => said('housekeeping_ended'), DEADLINE)
    expect(said('backup_failed')).to.equal(false)
  })

  it('says that its backups fail where none of the newer version runs any more', async () => {
    const { said } = await aGroup()
    await eventually('it says so', () => said('backup_failed'), DEADLINE)
    expect(said('backup_left_to_newer')).to.equal(false)
  })
})
