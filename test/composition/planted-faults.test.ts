import { expect } from 'chai'
import type { Status } from '../../protocol/status.ts'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { HOUSEKEEPER_LEASE } from '../../server/catalog/leases.ts'
import { loadConfig } from '../../server/config/config.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { GroupClients } from '../support/history/group-clients.ts'
import { faultsOfTerms, type TermWrite } from '../support/history/housekeeping-terms.ts'
import { noteTerms, sleepyHousekeeper, withoutEpoch, withoutLock } from '../support/history/wrap-catalog.ts'
import { PollingBot } from '../support/polling-bot.ts'
import { withServerGroups } from '../support/server-group.ts'
import { administer } from '../support/services/shared-postgres.ts'
import { startComposed, type StartedServer } from '../support/start-composed.ts'
import { onceForSuite, temporaryDirectory } from '../support/temporary-directory.ts'

const DEADLINE = 90_000

describe('the history of several servers', function () {
  this.timeout(180_000)
  const groups = withServerGroups()

  describe('of clients that move one tag', () => {
    let isLocked = true
    const servers = onceForSuite(async () => {
      const { database, env } = await groups.group()
      const wrapCatalog = (catalog: Catalog): Catalog => {
        const faulty = withoutLock(catalog)
        return { ...catalog, write: (model, work) => (isLocked ? catalog : faulty).write(model, work) }
      }
      const started = await Promise.all([1, 2, 3].map(() => startHere(env, wrapCatalog)))
      return { database, started }
    })

    /** Plays until so much was acknowledged. */
    const play = async (model: string): Promise<string[]> => {
      const urls = servers().started.map(({ url }) => url)
      const clients = new GroupClients(model)
      clients.publishAt(urls)
      clients.moveAt(urls)
      clients.contendAt(urls)
      await eventually('they did what they do', () => clients.acknowledged > 30, DEADLINE)
      await clients.stop()
      return clients.faults(urls)
    }

    it('is sound', async () => {
      expect(await play('sound')).to.deep.equal([])
    })

    it('is found out where no server locks the model', async () => {
      isLocked = false
      // The second net: of two moves at once the database would refuse one, as a rollout of the tag is under way then.
      await administer(servers().database, 'drop index rollouts_under_way')
      let turn = 0
      const isFound = async () =>
        (await play(`unlocked-${++turn}`)).some((fault) => fault.includes('on a condition'))
      await eventually('two moves on one condition are made', isFound, DEADLINE)
    })
  })

  describe('of housekeepers, one of which sleeps and takes its term for good when it wakes', () => {
    const writes: TermWrite[] = []
    let looksAtEpoch = true
    let sleeps = false
    const servers = onceForSuite(async () => {
      const { database, env } = await groups.group()
      const first = await startHere(env, (catalog) => {
        const faulty = withoutEpoch(catalog)
        const chosen = (): Catalog => (looksAtEpoch ? catalog : faulty)
        const either: Catalog = {
          ...catalog,
          write: (model, work) => chosen().write(model, work),
          writeShared: (work) => chosen().writeShared(work),
        }
        return noteTerms(
          'first',
          writes,
          sleepyHousekeeper(either, () => sleeps),
        )
      })
      await eventually('it keeps house', () => keepsHouse(first), DEADLINE)
      const second = await startHere(env, (catalog) => noteTerms('second', writes, catalog))
      for (let release = 1; release <= 2; release++)
        await fetch(`${first.url}/models/shop`, {
          method: 'POST',
          body: Uint8Array.from(anArchive({ payloadBytes: release })),
        })
      return { database, first, second }
    })

    /** A bot that loads what it is sent, as servers have seen. */
    let polled = ''
    const bot = new PollingBot(() => `${polled}/models/shop@production`, 'pod-1')

    /** A server sees the bot of a step load what it promoted, and judges that, if it takes itself for the housekeeper. */
    const judge = async ({ url, server }: StartedServer, release: number): Promise<void> => {
      await fetch(`${url}/api/v1/models/shop/tags/production`, {
        method: 'PUT',
        body: JSON.stringify({ release, policy: { steps: [1, '100%'] } }),
        headers: { 'Content-Type': 'application/json' },
      })
      polled = url
      for (let poll = 0; poll < 3; poll++) await bot.poll()
      await server.judge.judgeAll()
    }

    /** Until it writes something as the housekeeper. */
    const writesInTerm = async (name: string, server: StartedServer): Promise<void> => {
      const count = () => writes.filter((write) => write.server === name).length
      const before = count()
      let turn = 0
      const judged = async () => {
        await judge(server, (turn++ % 2) + 1)
        return count() > before
      }
      await eventually(`the ${name} one writes in its term`, judged, DEADLINE)
    }

    it('is sound: it writes nothing', async () => {
      const { database, first, second } = servers()
      await writesInTerm('first', first)
      sleeps = true
      await administer(database, `update leases set until = 0 where name = '${HOUSEKEEPER_LEASE}'`)
      await eventually('the other one keeps house', () => keepsHouse(second), DEADLINE)
      await writesInTerm('second', second)
      for (let turn = 0; turn < 3; turn++) await judge(first, (turn % 2) + 1)
      expect(faultsOfTerms(writes)).to.deep.equal([])
    })

    it('is found out where that one does not look at the epoch', async () => {
      looksAtEpoch = false
      await writesInTerm('first', servers().first)
      expect(faultsOfTerms(writes).join('\n')).to.match(/first wrote in term 1 after term 2 had begun/)
    })
  })
})

async function startHere(
  env: Readonly<Record<string, string>>,
  wrapCatalog: (catalog: Catalog) => Catalog,
): Promise<StartedServer> {
  return startComposed(loadConfig({ ...env }, await temporaryDirectory()), { replacements: { wrapCatalog } })
}

async function keepsHouse({ url }: StartedServer): Promise<boolean> {
  const { servers } = (await (await fetch(`${url}/api/v1/status`)).json()) as Status
  return servers?.some(({ isThis, keepsHouse }) => isThis && keepsHouse) ?? false
}
