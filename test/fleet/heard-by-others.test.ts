import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import type { HeardLook, StoredProcess } from '../../server/catalog/fleet.ts'
import { CatalogFleetStore } from '../../server/fleet/catalog-fleet-store.ts'
import type { FleetBatch } from '../../server/fleet/fleet-store.ts'
import { withPostgres } from '../support/a-postgres-catalog.ts'
import { eventually } from '../support/eventually.ts'
import { OLD, poll, processAfter, processName, START } from './facts.ts'

const NOW = START + 10_000

describe('what a server over Postgres reads of when others heard bots', function () {
  this.timeout(60_000)
  const postgres = withPostgres()
  let catalog: Catalog

  beforeEach(async () => {
    catalog = await postgres.catalog()
    await catalog.writeShared((writer) => writer.saveProcesses(Array.from('abc', aProcess)))
  })

  const read = async (store: CatalogFleetStore) =>
    (await store.listHeardByOthers(NOW)).map(({ process }) => process).sort()
  /** As long as any transaction of the same Postgres has not ended, which may be one of another test, what came behind it is read again. */
  const readsNothingMore = (store: CatalogFleetStore) =>
    eventually('nothing is left to be read', async () => (await read(store)).length === 0)
  /** A server that has begun. */
  const aStore = async () => {
    const store = new CatalogFleetStore(catalog)
    await restore(store)
    await readsNothingMore(store)
    return store
  }

  it('is nothing of what it heard itself', async () => {
    const store = await aStore()
    await store.save(heard('ab', 5))
    expect(await read(store)).to.deep.equal([])
    await store.save(heard('bc', 6))
    await store.save(heard('a', 6))
    expect(await read(store)).to.deep.equal([])
  })

  it('is once what others heard, whoever heard the same bot before', async () => {
    const [one, other] = [await aStore(), await aStore()]
    await one.save(heard('ab', 5))
    await other.save(heard('b', 6))
    expect(await read(one)).to.deep.equal([processName('b')])
    expect(await read(other)).to.deep.equal([processName('a')])
    await readsNothingMore(one)
    await readsNothingMore(other)
  })

  it('is nothing of what stood there when it began', async () => {
    const looks: HeardLook[] = []
    const store = new CatalogFleetStore({
      ...catalog,
      listHeard(look) {
        looks.push(look)
        return catalog.listHeard(look)
      },
    })
    await restore(store)
    await store.listHeardByOthers(NOW)
    expect(looks[1]?.after).to.have.property('transaction')
  })

  it('leaves nothing out any more once another database answers, which numbers transactions anew', async () => {
    const looks: HeardLook[] = []
    let answers = 'the first'
    const store = new CatalogFleetStore({
      ...catalog,
      async listHeard(look) {
        looks.push(look)
        const { heard, mark } = await catalog.listHeard(look)
        // No transaction of its own is behind such a mark.
        return { heard, mark: mark && { transaction: 0n, database: answers } }
      },
    })
    await restore(store)
    await store.save(heard('a', 5))
    await store.listHeardByOthers(NOW)
    answers = 'the other'
    await store.save(heard('a', 6))
    await store.listHeardByOthers(NOW)
    await store.listHeardByOthers(NOW)
    expect(looks.map(({ except }) => except?.length)).to.deep.equal([undefined, 1, 2, 0])
  })

  it('is what another one had heard, also where it saves more of the bot itself afterwards', async () => {
    const [one, other] = [await aStore(), await aStore()]
    await other.save(heard('a', 9))
    await one.save({ ...heard('b', 5), processes: [aProcess('a')] })
    const found = await one.listHeardByOthers(NOW)
    expect(found).to.deep.include({ model: 'shop', process: processName('a'), lastSeen: START + 9 })
  })
})

async function restore(store: CatalogFleetStore): Promise<void> {
  let processes = 0
  for await (const bot of store.restore()) processes += bot.processes.length
  expect(processes).to.equal(3)
}

function aProcess(letter: string): StoredProcess {
  const { process } = processAfter([0, poll(OLD)])
  return { model: 'shop', bot: 'pod-1', record: { ...process, process: processName(letter) } }
}

function heard(letters: string, milliseconds: number): FleetBatch {
  const seen = Array.from(letters, (letter) => ({
    model: 'shop',
    process: processName(letter),
    lastSeen: START + milliseconds,
  }))
  return { bots: [], processes: [], seen, forgotten: [], events: [] }
}
