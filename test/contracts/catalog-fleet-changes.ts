import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import type { StoredProcess } from '../../server/catalog/fleet.ts'
import type { Rollout } from '../../server/rollouts/rollout.ts'
import { OLD, processAfter, poll, processName, START } from '../fleet/facts.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { aBegunRollout, publish } from './catalog-support.ts'

/** What every catalog promises servers that share it: each reads what others changed of processes and rollouts. */
export function describeCatalogFleetChanges(name: string, make: () => Promise<Catalog>): void {
  describe(`${name}, a catalog of several servers' fleet`, () => {
    let catalog: Catalog

    beforeEach(async () => {
      catalog = await make()
      const made = catalog
      afterThisTest(() => made.close())
      await publish(catalog, 'shop', 'one')
      await publish(catalog, 'bank', 'one')
    })

    const aProcess = (letter: string, bot = 'pod-1', model = 'shop'): StoredProcess => {
      const { process } = processAfter([0, poll(OLD)])
      return { model, bot, record: { ...process, process: processName(letter) } }
    }
    const aBot = { model: 'shop', bot: 'pod-1', provenAt: START, settledAt: null, lastFreshAt: 5, hints: {} }
    const nameOf = ({ model, record: { process } }: StoredProcess) => ({ model, process })
    const save = (...processes: StoredProcess[]) =>
      catalog.write('shop', async (writer) => {
        const revision = await writer.raiseFleetRevision('shop')
        await writer.saveProcesses(processes, revision)
        return revision
      })
    const forget = (process: StoredProcess, at = START) =>
      catalog.write('shop', async (writer) => {
        const revision = await writer.raiseFleetRevision('shop')
        await writer.forgetProcesses([nameOf(process)], { revision, at })
        return revision
      })

    const revisions = async () => (await catalog.listFleetRevisions()).revisions

    it('numbers changes of each model for itself, in the order in which they were made', async () => {
      expect(await revisions()).to.deep.equal([])
      const first = await save(aProcess('a'))
      const second = await save(aProcess('b'))
      expect(second).to.be.above(first)
      await catalog.write('bank', (writer) => writer.raiseFleetRevision('bank'))
      expect(await revisions()).to.have.deep.members([
        { model: 'shop', revision: second },
        { model: 'bank', revision: 1 },
      ])
    })

    it('numbers changes that are made at once apart from each other', async () => {
      const given = await Promise.all(Array.from('abcdefgh').map((letter) => save(aProcess(letter))))
      expect(new Set(given).size).to.equal(8)
      expect((await catalog.listFleetChanges('shop', 0)).processes).to.have.length(8)
    })

    it('numbers no change that was not made', async () => {
      const failing = catalog.write('shop', async (writer) => {
        await writer.raiseFleetRevision('shop')
        throw new Error('changed my mind')
      })
      await failing.catch(() => undefined)
      expect(await revisions()).to.deep.equal([])
    })

    it('lists the processes that changed behind a number, with their bots', async () => {
      await catalog.writeShared((writer) => writer.saveBots([aBot]))
      const first = await save(aProcess('a'), aProcess('b', 'pod-2'))
      const revision = await save(aProcess('c'))
      expect(await catalog.listFleetChanges('shop', first)).to.deep.equal({
        revision,
        processes: [aProcess('c')],
        bots: [aBot],
        forgotten: [],
      })
      expect((await catalog.listFleetChanges('shop', 0)).processes).to.have.length(3)
      const nothing = { revision, processes: [], bots: [], forgotten: [] }
      expect(await catalog.listFleetChanges('shop', revision)).to.deep.equal(nothing)
      expect(await catalog.listFleetChanges('bank', 0)).to.deep.equal({ ...nothing, revision: 0 })
    })

    it('lists of several models at once what it lists of each', async () => {
      await catalog.writeShared((writer) => writer.saveBots([aBot, { ...aBot, model: 'bank' }]))
      await save(aProcess('a'), aProcess('b', 'pod-2'))
      await forget(aProcess('b', 'pod-2'))
      await catalog.write('bank', async (writer) => {
        const revision = await writer.raiseFleetRevision('bank')
        await writer.saveProcesses([aProcess('a', 'pod-1', 'bank')], revision)
      })
      const fleets = await catalog.listFleets(['shop', 'bank', 'none'])
      expect([...fleets.keys()]).to.deep.equal(['shop', 'bank', 'none'])
      for (const [model, fleet] of fleets)
        expect(fleet).to.deep.equal(await catalog.listFleetChanges(model, 0))
      expect(fleets.get('shop')?.bots).to.deep.equal([aBot])
      expect(await catalog.listFleets([])).to.deep.equal(new Map())
    })

    it('lists a changed process as it is now, and as heard last', async () => {
      await save(aProcess('a'))
      const before = await save(aProcess('b'))
      await save({ ...aProcess('a'), bot: 'pod-9' })
      await catalog.writeShared((writer) =>
        writer.noteLastSeen([{ ...nameOf(aProcess('a')), lastSeen: START + 7 }]),
      )
      const { processes } = await catalog.listFleetChanges('shop', before)
      expect(processes.map(({ bot, record }) => [bot, record.lastSeen])).to.deep.equal([['pod-9', START + 7]])
    })

    it('lists processes that were forgotten; one that came again is among the changed ones', async () => {
      const first = await save(aProcess('a'), aProcess('b'))
      await forget(aProcess('a'))
      await forget(aProcess('b'))
      await save(aProcess('b'))
      const { processes, forgotten } = await catalog.listFleetChanges('shop', first)
      expect(forgotten).to.include(processName('a'))
      expect(processes).to.deep.equal([aProcess('b')])
      await catalog.writeShared((writer) => writer.forgetSilentProcesses(START + 1))
      expect((await catalog.listFleetChanges('shop', first)).forgotten).to.deep.equal([])
    })

    it('notes what was forgotten for some minutes only, so that invented names do not fill it', async () => {
      const minute = 60_000
      for (const [at, letter] of Array.from('abcd').entries()) await forget(aProcess(letter), START + at)
      await forget(aProcess('e'), START + 11 * minute)
      await forget(aProcess('f'), START + 11 * minute)
      const { forgotten } = await catalog.listFleetChanges('shop', 0)
      expect(forgotten).to.have.members([processName('e'), processName('f')])
    })

    it('does not hear a process earlier because another server saves what it knew', async () => {
      await save(aProcess('a'))
      await catalog.writeShared((writer) =>
        writer.noteLastSeen([{ ...nameOf(aProcess('a')), lastSeen: START + 9 }]),
      )
      await save(aProcess('a'))
      const [found] = await catalog.findProcesses([nameOf(aProcess('a'))])
      expect(found?.record.lastSeen).to.equal(START + 9)
    })

    it('finds processes by name, and leaves out those that it has not', async () => {
      await save(aProcess('a'), aProcess('b'))
      const names = [
        nameOf(aProcess('b')),
        nameOf(aProcess('z')),
        { ...nameOf(aProcess('a')), model: 'bank' },
      ]
      expect(await catalog.findProcesses(names)).to.deep.equal([aProcess('b')])
      expect(await catalog.findProcesses([])).to.deep.equal([])
    })

    it('tells which processes were heard since', async () => {
      await save(aProcess('a'), aProcess('b'))
      const heard = { ...nameOf(aProcess('b')), lastSeen: START + 5 }
      await catalog.writeShared((writer) => writer.noteLastSeen([heard]))
      expect((await catalog.listHeard({ since: START + 5 })).heard).to.deep.equal([heard])
      expect((await catalog.listHeard({ since: START })).heard).to.have.length(2)
    })

    it('lists the rollouts under way, and the tags, of several models at once', async () => {
      const rollout = await aBegunRollout(catalog, 'production')
      expect(await catalog.listRolloutsUnderWay(['bank', 'shop'])).to.deep.equal([rollout])
      expect(await catalog.listRolloutsUnderWay(['bank'])).to.deep.equal([])
      expect(await catalog.listRolloutsUnderWay([])).to.deep.equal([])
      const [bank, shop] = await catalog.readCurrent()
      expect(await catalog.readCurrent(['shop', 'bank', 'none'])).to.deep.equal([bank, shop])
      expect(await catalog.readCurrent(['shop'])).to.deep.equal([shop])
      expect(await catalog.readCurrent([])).to.deep.equal([])
    })

    it('lists the rollouts that changed behind a number, ended or not', async () => {
      const one = await aBegunRollout(catalog, 'production')
      const [{ revision } = { revision: 0 }] = await revisions()
      const other = await aBegunRollout(catalog, 'staging')
      const ended: Rollout = { ...one, state: 'done', endedAt: START }
      await catalog.write('shop', (writer) => writer.saveRollout(ended))
      expect(await catalog.listChangedRollouts('shop', revision)).to.deep.equal([other, ended])
      expect(await catalog.listChangedRollouts('bank', 0)).to.deep.equal([])
    })
  })
}
