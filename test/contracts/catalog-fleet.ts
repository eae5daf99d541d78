import { expect } from 'chai'
import { IMMEDIATE } from '../../protocol/rollout-policy.ts'
import type { Catalog } from '../../server/catalog/catalog.ts'
import type { NewEvent } from '../../server/catalog/events.ts'
import type { StoredProcess } from '../../server/catalog/fleet.ts'
import type { Rollout } from '../../server/rollouts/rollout.ts'
import { NEW, OLD, processAfter, poll, processName, START } from '../fleet/facts.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { aBegunRollout, MOVED, publish, rejection } from './catalog-support.ts'

/** What every catalog promises of bots, rollouts and events. */
export function describeCatalogFleet(name: string, make: () => Promise<Catalog>): void {
  describe(`${name}, a catalog of fleets`, () => {
    let catalog: Catalog

    beforeEach(async () => {
      catalog = await make()
      const made = catalog
      afterThisTest(() => made.close())
      await publish(catalog, 'shop', 'one')
      await catalog.write('shop', (writer) => writer.moveTag('shop', 'production', 1, MOVED))
    })

    const aProcess = (letter: string, bot = 'pod-1'): StoredProcess => {
      const { process } = processAfter([0, poll(OLD)])
      return { model: 'shop', bot, record: { ...process, process: processName(letter) } }
    }
    const aBot = { model: 'shop', bot: 'pod-1', provenAt: START, settledAt: null, lastFreshAt: 5, hints: {} }
    const saved = async () =>
      (await catalog.listProcesses({ limit: 100 })).map(({ record }) => record.process)

    describe('processes', () => {
      it('are kept as they were saved last, and listed bot by bot, page by page', async () => {
        const all = [aProcess('b', 'pod-2'), aProcess('c'), aProcess('a')]
        await catalog.writeShared((writer) => writer.saveProcesses(all))
        const changed = { ...aProcess('a'), bot: 'pod-3' }
        await catalog.writeShared((writer) => writer.saveProcesses([changed]))
        const first = await catalog.listProcesses({ limit: 2 })
        expect(first).to.deep.equal([aProcess('c'), aProcess('b', 'pod-2')])
        const cursor = { model: 'shop', bot: 'pod-2', process: processName('b') }
        expect(await catalog.listProcesses({ limit: 2, cursor })).to.deep.equal([changed])
      })

      it('are heard later without being saved anew, and never earlier', async () => {
        await catalog.writeShared((writer) => writer.saveProcesses([aProcess('a'), aProcess('b')]))
        const heard = (letter: string, at: number) => ({
          model: 'shop',
          process: processName(letter),
          lastSeen: START + at,
        })
        await catalog.writeShared((writer) =>
          writer.noteLastSeen([heard('a', 9), heard('b', -9), heard('unknown', 9)]),
        )
        const [one, other] = await catalog.listProcesses({ limit: 9 })
        expect([one?.record.lastSeen, other?.record.lastSeen]).to.deep.equal([START + 9, START])
        expect(await saved()).to.have.length(2)
      })

      it('are forgotten by name, and when they were silent for long; a bot goes with its last one', async () => {
        await catalog.writeShared(async (writer) => {
          await writer.saveBots([aBot, { ...aBot, bot: 'pod-2' }])
          await writer.saveProcesses([aProcess('a'), aProcess('b', 'pod-2')])
        })
        const bots = [aBot, { ...aBot, bot: 'pod-2' }]
        expect(await catalog.findBots(bots)).to.have.deep.members(bots)
        await catalog.writeShared((writer) =>
          writer.forgetProcesses([{ model: 'shop', process: processName('b') }]),
        )
        expect(await catalog.findBots(bots)).to.deep.equal([aBot])
        await catalog.writeShared((writer) => writer.forgetSilentProcesses(START + 1))
        expect(await saved()).to.deep.equal([])
        expect(await catalog.findBots(bots)).to.deep.equal([])
      })

      it('tell when each digest was last seen running or being offered', async () => {
        const heard = (letter: string, day: number, runs: string | null, offers?: string): StoredProcess => {
          const { record } = aProcess(letter)
          const offer = { ...NEW, begunAt: 0, sentAt: null, attempt: 1, stream: 's' }
          const offered = offers === undefined ? null : { ...offer, digest: offers }
          const lastSeen = Date.UTC(2026, 1, day)
          return { ...aProcess(letter), record: { ...record, digest: runs, offer: offered, lastSeen } }
        }
        const all = [
          heard('a', 2, 'one'),
          heard('b', 5, 'one', 'two'),
          heard('c', 6, null),
          heard('d', 1, 'old'),
        ]
        await catalog.writeShared((writer) => writer.saveProcesses(all))
        expect([...(await catalog.listLastSeen('2026-02-02T00:00:00.000Z'))]).to.deep.equal([
          ['one', '2026-02-05T00:00:00.000Z'],
          ['two', '2026-02-05T00:00:00.000Z'],
        ])
      })

      it('may come by the thousand', async () => {
        const many = Array.from({ length: 1200 }, (_, index) => {
          const { record } = aProcess('a')
          return { ...aProcess('a'), record: { ...record, process: String(index) } }
        })
        await catalog.writeShared((writer) => writer.saveProcesses(many))
        const seen = many.map(({ record: { process } }) => ({ model: 'shop', process, lastSeen: START + 1 }))
        await catalog.writeShared((writer) => writer.noteLastSeen(seen))
        const listed = await catalog.listProcesses({ limit: 5000 })
        expect(listed.filter(({ record }) => record.lastSeen === START + 1)).to.have.length(1200)
      })
    })

    describe('events', () => {
      const event = (process: string, kind: string, at: number): NewEvent => ({
        at,
        kind,
        model: 'shop',
        tag: 'production',
        bot: 'pod-1',
        process,
        body: { digest: kind },
      })
      const add = (...events: NewEvent[]) => catalog.writeShared((writer) => writer.addEvents(events))

      it('are listed in the order in which they were added, from where one was', async () => {
        expect(await catalog.lastEventSequence()).to.equal(0)
        await add(event('a', 'runs', 3), event('a', 'lost', 1), event('b', 'runs', 2))
        const all = await catalog.listEventsAfter(0, 10)
        expect(all.map(({ kind, process }) => `${kind} ${process ?? ''}`)).to.deep.equal([
          'runs a',
          'lost a',
          'runs b',
        ])
        expect(await catalog.listEventsAfter(all[0]!.sequence, 1)).to.deep.equal([all[1]])
        expect(await catalog.lastEventSequence()).to.equal(all[2]!.sequence)
      })

      it('of a bot are listed the last first', async () => {
        await add(event('a', 'runs', 1), { ...event('a', 'runs', 2), bot: 'pod-2' }, event('a', 'lost', 3))
        const listed = await catalog.listBotEvents({ model: 'shop', bot: 'pod-1' }, { limit: 9 })
        expect(listed.map(({ kind }) => kind)).to.deep.equal(['lost', 'runs'])
        const cursor = listed[0]!.sequence
        expect(
          await catalog.listBotEvents({ model: 'shop', bot: 'pod-1' }, { limit: 9, cursor }),
        ).to.deep.equal([listed[1]])
      })

      it('are read bot by bot, by the code points of their names, and behind any of them', async () => {
        const names = ['pod-2', '\u{1f600}', 'pod-10', '\uff50od', 'pod-1']
        await add(...names.map((bot) => ({ ...event('a', 'runs', 1), bot })))
        await add({ ...event('b', 'lost', 2), bot: 'pod-1' }, { ...event('a', 'runs', 3), bot: null })
        await add({ ...event('a', 'runs', 4), model: 'shop-2' })
        const read = async (bot: string, sequence: number, limit = 99) =>
          (await catalog.listEventsByBot('shop', { bot, sequence }, limit)).map(
            ({ bot, kind }) => `${kind} ${bot ?? ''}`,
          )
        const all = [
          'runs pod-1',
          'lost pod-1',
          'runs pod-10',
          'runs pod-2',
          'runs \uff50od',
          'runs \u{1f600}',
        ]
        expect(await read('', 0)).to.deep.equal(all)
        expect(await read('', 0, 2)).to.deep.equal(all.slice(0, 2))
        const [first] = await catalog.listEventsByBot('shop', { bot: '', sequence: 0 }, 1)
        expect(await read('pod-1', first!.sequence)).to.deep.equal(all.slice(1))
        expect(await read('pod-1', Number.MAX_SAFE_INTEGER)).to.deep.equal(all.slice(2))
      })

      it('are forgotten when they are old, and their numbers do not come again', async () => {
        await add(event('a', 'runs', 1), event('a', 'lost', 2))
        const last = await catalog.lastEventSequence()
        await catalog.writeShared((writer) => writer.forgetEvents(3))
        await add(event('a', 'runs', 4))
        const [kept] = await catalog.listEventsAfter(0, 9)
        expect(kept?.sequence).to.be.above(last)
      })
    })

    describe('rollouts', () => {
      const begin = (tag = 'production') => aBegunRollout(catalog, tag)
      const end = (rollout: Rollout, endedAt = START) => {
        const ended: Rollout = { ...rollout, state: 'done', endedAt }
        return catalog.write('shop', (writer) => writer.saveRollout(ended))
      }

      it('are found by id and by tag while they are under way', async () => {
        const rollout = await begin()
        expect(await catalog.findRollout('shop', rollout.id)).to.deep.equal(rollout)
        expect(await catalog.findRollout('bank', rollout.id)).to.equal(undefined)
        expect(await catalog.findRollout('shop', 'nonsense')).to.equal(undefined)
        expect(await catalog.findRolloutUnderWay('shop', 'production')).to.deep.equal(rollout)
        await end(rollout)
        expect(await catalog.findRolloutUnderWay('shop', 'production')).to.equal(undefined)
        expect(await catalog.listRolloutsUnderWay()).to.deep.equal([])
        expect(await catalog.findRollout('shop', rollout.id)).to.include({ state: 'done' })
      })

      it('are one at a time for each tag', async () => {
        const rollout = await begin()
        await begin('staging')
        const refusal = await rejection(begin())
        expect(refusal.code).to.equal('catalog-busy')
        expect(refusal.message).to.contain('rollout of "shop@production"')
        expect(await catalog.listRolloutsUnderWay('shop')).to.have.length(2)
        expect(await catalog.listRolloutsUnderWay('bank')).to.deep.equal([])
        await end(rollout)
        expect((await begin()).id).not.to.equal(rollout.id)
      })

      it('are listed the last begun first, page by page, also of one tag', async () => {
        const ids = [await begin(), await begin('staging'), await begin('test')].map(({ id }) => id)
        const listed = await catalog.listRollouts('shop', undefined, { limit: 2 })
        expect(listed.map(({ id }) => id)).to.deep.equal([ids[2], ids[1]])
        const rest = await catalog.listRollouts('shop', undefined, { limit: 2, cursor: Number(ids[1]) })
        expect(rest.map(({ id }) => id)).to.deep.equal([ids[0]])
        expect(await catalog.listRollouts('shop', 'staging', { limit: 9 })).to.have.length(1)
      })

      it('are forgotten when they ended long ago', async () => {
        await end(await begin('staging'), 5)
        await begin()
        await catalog.writeEveryModel((writer) => writer.forgetEndedRollouts(6))
        expect(await catalog.listRollouts('shop', undefined, { limit: 9 })).to.have.length(1)
      })
    })

    describe('policies of tags', () => {
      const policy = { ...IMMEDIATE, soak: 60 }
      const set = (value: typeof policy | null, tag = 'production') =>
        catalog.write('shop', (writer) => writer.setTagPolicy('shop', tag, value))

      it('stay when the tag moves, and go with the tag', async () => {
        await set(policy)
        await publish(catalog, 'shop', 'two')
        await catalog.write('shop', (writer) => writer.moveTag('shop', 'production', 2, MOVED))
        expect(await catalog.listTagPolicies()).to.deep.equal([{ model: 'shop', tag: 'production', policy }])
        await catalog.write('shop', (writer) => writer.moveTag('shop', 'production', null, MOVED))
        expect(await catalog.listTagPolicies()).to.deep.equal([])
      })

      it('are listed of one model alone where that is asked for', async () => {
        await set(policy)
        expect(await catalog.listTagPolicies('shop')).to.deep.equal([
          { model: 'shop', tag: 'production', policy },
        ])
        expect(await catalog.listTagPolicies('another')).to.deep.equal([])
      })

      it('raise the revision, and can be reset', async () => {
        const before = await catalog.findModel('shop')
        await set(policy)
        await set(null)
        expect(await catalog.listTagPolicies()).to.deep.equal([])
        expect((await catalog.findModel('shop'))?.revision).to.be.above(before!.revision)
      })

      it('need the tag', async () => {
        expect(await rejection(set(policy, 'nowhere'))).to.include({ code: 'tag-not-found' })
      })
    })

    describe('quarantine', () => {
      it('is by model and digest, and can end', async () => {
        const why = { at: START, reason: 'it did not load' }
        await catalog.write('shop', (writer) => writer.quarantine('shop', NEW.digest, { ...why, at: 1 }))
        await catalog.write('shop', (writer) => writer.quarantine('shop', NEW.digest, why))
        expect(await catalog.findQuarantine('shop', NEW.digest)).to.deep.equal(why)
        expect(await catalog.findQuarantine('bank', NEW.digest)).to.equal(undefined)
        expect(await catalog.listQuarantine('shop')).to.deep.equal([{ digest: NEW.digest, ...why }])
        await catalog.write('shop', (writer) => writer.endQuarantine('shop', NEW.digest))
        expect(await catalog.listQuarantine('shop')).to.deep.equal([])
      })
    })
  })
}
