import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { openPostgresCatalog } from '../../server/catalog/postgres/postgres-catalog.ts'
import type { Tag } from '../../server/releases/tag.ts'
import { aRelease, CREATED, MOVED, publish, rejection } from '../contracts/catalog-support.ts'
import { openCatalogAt, settingsOf, withPostgres } from '../support/a-postgres-catalog.ts'
import { eventually } from '../support/eventually.ts'
import { faultsOfMoves, type NamedOperation } from '../support/history/tag-moves.ts'
import { ABSENT, faultsOfTag, type TagStep } from '../support/history/tag-register.ts'
import { administer } from '../support/services/shared-postgres.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const CLIENTS = 6
const ATTEMPTS = 12

describe('several programs over one database', function () {
  this.timeout(60_000)
  const postgres = withPostgres()

  const open = async (count: number, change: (catalog: Catalog) => Catalog = (catalog) => catalog) => {
    const database = await postgres.database()
    const catalogs = []
    for (let index = 0; index < count; index++) catalogs.push(change(await openCatalogAt(database)))
    return catalogs
  }

  /** Each client publishes and then moves the tag to what it published, if it is still where the client saw it. */
  const play = async (catalogs: readonly Catalog[]): Promise<{ faults: string[]; numbers: number[] }> => {
    const operations: NamedOperation[] = []
    const numbers: number[] = []
    const [first] = catalogs
    await first?.write('shop', (writer) => writer.ensureModel('shop', CREATED))
    const playClient = async (client: string, catalog: Catalog) => {
      const note = (asked: number, step: TagStep, name = '') => {
        operations.push({ client, name, asked, answered: performance.now(), step })
      }
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const looked = performance.now()
        const seen = stateOf(await catalog.findTag('shop', 'production'))
        note(looked, { kind: 'read', seen })
        const { number: to } = await publish(catalog, 'shop', `${client} ${attempt}`)
        numbers.push(to)
        const name = `to ${to}`
        const expected = seen?.version ?? ABSENT
        const asked = performance.now()
        const told = await catalog.write('shop', async (writer) => {
          const now = stateOf(await writer.findTag('shop', 'production'))
          if ((now?.version ?? ABSENT) !== expected) return 'refused'
          const { sequence } = await writer.moveTag('shop', 'production', to, { ...MOVED, reason: name })
          return { version: String(sequence) }
        })
        note(asked, { kind: 'move', to, expected, told }, name)
      }
    }
    await Promise.all(
      Array.from({ length: CLIENTS }, (_, index) => {
        return playClient(`client ${index}`, catalogs[index % catalogs.length]!)
      }),
    )
    const history = await first!.tagHistory('shop', 'production', { limit: 1_000 })
    const isMade = ({ step }: NamedOperation) => step.kind === 'move' && step.told !== 'refused'
    expect(operations.some(isMade)).to.equal(true)
    return {
      faults: [...faultsOfTag(operations), ...faultsOfMoves(operations, history.toReversed())],
      numbers,
    }
  }

  it('move a tag as if one did, and give no number twice', async () => {
    const { faults, numbers } = await play(await open(3))
    expect(faults).to.deep.equal([])
    expect(new Set(numbers).size).to.equal(CLIENTS * ATTEMPTS)
  })

  it('are found out where they do not lock the model', async () => {
    const withoutLock = (catalog: Catalog): Catalog => ({
      ...catalog,
      // As a write of a model, but for its lock.
      write: (_model: string, work: never) => catalog.writeShared(work),
    })
    const { faults } = await play(await open(3, withoutLock))
    expect(faults.join('\n')).to.match(/came after one to/)
  })

  it('add events so that who reads on from the last one misses none', async () => {
    const [one, other, reader] = (await open(3)) as [Catalog, Catalog, Catalog]
    const event = { at: 1, kind: 'runs', model: null, tag: null, bot: null, process: null, body: {} }
    let read: number[] = []
    const reading = (async () => {
      while (read.length < 40) {
        const events = await reader.listEventsAfter(read.at(-1) ?? 0, 100)
        read = [...read, ...events.map(({ sequence }) => sequence)]
      }
    })()
    const add = async (catalog: Catalog) => {
      for (let index = 0; index < 20; index++) {
        await catalog.writeShared(async (writer) => {
          await writer.addEvents([event])
          // A transaction that is late to commit.
          await writer.listEventsAfter(0, 1)
        })
      }
    }
    await Promise.all([add(one), add(other)])
    await reading
    expect(read).to.have.length(40)
    expect(read).to.deep.equal([...read].sort((a, b) => a - b))
  })

  describe('of servers that cannot share their archives', () => {
    const storage = { name: 'files', isShared: false }
    const server = (name: string) => ({ id: name, place: name, host: name, version: '1', storage })
    // Says nothing within the test: it sleeps.
    const asleep = { alive: 200, heartbeat: 60_000 }

    it('change nothing once another has taken their place', async () => {
      const database = await postgres.database()
      let superseded = 0
      const onSuperseded = () => {
        superseded++
      }
      const timings = { alive: 200, heartbeat: 1_500 }
      const first = await openPostgresCatalog(settingsOf(database), {
        server: server('a'),
        timings,
        onSuperseded,
      })
      afterThisTest(() => first.close())
      await publish(first, 'shop', 'one')
      const second = await openPostgresCatalog(settingsOf(database), { server: server('b'), timings: asleep })
      afterThisTest(() => second.close())
      const refusal = await rejection(publish(first, 'shop', 'two'))
      expect(refusal).to.include({ code: 'catalog-unavailable' })
      expect(refusal.message).to.contain('Another server took over')
      expect(await second.countReleases('shop')).to.equal(1)
      await eventually('it is told', () => superseded > 0)
      expect(await publish(second, 'shop', 'two')).to.include({ number: 2 })
    })

    it('keep their place while a transaction of theirs is under way', async () => {
      const database = await postgres.database()
      const first = await openPostgresCatalog(settingsOf(database), { server: server('a'), timings: asleep })
      afterThisTest(() => first.close())
      let release: () => void = () => undefined
      let isUnderWay = false
      const writing = first.write('shop', async (writer) => {
        await writer.ensureModel('shop', CREATED)
        isUnderWay = true
        await new Promise<void>((resolve) => (release = resolve))
        return writer.insertRelease(aRelease('shop', 'one'))
      })
      await eventually('it is under way', () => isUnderWay)
      const order: string[] = []
      const taking = openPostgresCatalog(settingsOf(database), { server: server('b'), timings: asleep }).then(
        (catalog) => {
          order.push('taken')
          afterThisTest(() => catalog.close())
        },
      )
      // It has been silent for too long, and is to be removed: that alone must not be enough.
      const isTakenOrWaited = async () => order.length > 0 || (await countWaiting(database)) > 0
      await eventually('the other one waits for the transaction', isTakenOrWaited)
      order.push('ended')
      release()
      await Promise.all([writing, taking])
      expect(order).to.deep.equal(['ended', 'taken'])
    })
  })
})

/** How many connections to a database wait for a lock. */
async function countWaiting(database: string): Promise<number> {
  const waiting = await administer(
    database,
    `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return waiting.length
}

/** A tag as clients see it: its version is the move that brought it there. */
function stateOf(tag: Tag | undefined): { release: number; version: string } | null {
  return tag === undefined ? null : { release: tag.release, version: String(tag.sequence) }
}
