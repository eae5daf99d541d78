import { expect } from 'chai'
import fc from 'fast-check'
import { BOT_STATES } from '../../protocol/bot-states.ts'
import type { Bot } from '../../server/fleet/bot.ts'
import { botDigest, botState, lastHeard } from '../../server/fleet/bot-summary.ts'
import type { IndexedFilter } from '../../server/fleet/fleet-index.ts'
import { FleetMemory } from '../../server/fleet/fleet-memory.ts'
import { listBots, listProcesses, type FleetFilter } from '../../server/fleet/list-fleet.ts'
import type { ProcessRecord } from '../../server/fleet/process-record.ts'
import { processState } from '../../server/fleet/process-state.ts'
import { turnsDuring } from '../support/turns-during.ts'
import { anyStep, takeSteps } from './any-step.ts'
import { begun, cut, NEW, OLD, poll, POD, START } from './facts.ts'

describe('the bots and processes of a state, a tag or a release', () => {
  it('are found by that, in order, whatever came', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        // Room for four: some are pushed out by others.
        const memory = new FleetMemory(4)
        takeSteps(memory, steps, () => {
          const tags = new Set([...memory.records()].map(({ record }) => record.tag))
          const digests = new Set([...memory.records()].flatMap(({ record }) => record.digest ?? []))
          const all = memory.botsAfter('', 100)
          for (const state of BOT_STATES) {
            const found = memory.botsAfter('', 100, memory.narrow({ state }))
            const isSo = (bot: Bot) => botState(bot) === state
            expect(found.filter(isSo)).to.deep.equal(all.filter(isSo))
          }
          for (const tag of tags) {
            const found = memory.botsAfter('', 100, memory.narrow({ tag }))
            const isSo = (bot: Bot) => lastHeard(bot.processes)?.tag === tag
            expect(found.filter(isSo)).to.deep.equal(all.filter(isSo))
          }
          for (const digest of digests) {
            const of = new Map(all.map(({ model }) => [model, digest]))
            const found = memory.botsAfter('', 100, memory.narrow({ digests: of }))
            const isSo = (bot: Bot) => botDigest(bot) === digest
            expect(found.filter(isSo)).to.deep.equal(all.filter(isSo))
          }
          const processes = memory.processesAfter('', 100)
          const looks: [IndexedFilter, (one: ProcessRecord) => boolean][] = [
            ...BOT_STATES.map((state): (typeof looks)[number] => [
              { state },
              (one) => processState(one) === state,
            ]),
            ...[...tags].map((tag): (typeof looks)[number] => [{ tag }, (one) => one.tag === tag]),
          ]
          for (const [filter, isSo] of looks) {
            const found = memory.processesAfter('', 100, memory.narrow(filter))
            expect(found.filter(({ record }) => isSo(record))).to.deep.equal(
              processes.filter(({ record }) => isSo(record)),
            )
          }
        })
      }),
    )
  })

  it('are found without a look at all the others', async () => {
    const memory = new FleetMemory(10_000)
    const nameOf = (n: number) => `${n.toString(16).padStart(12, '0')}40008000${'0'.repeat(12)}`
    for (let n = 0; n < 5_000; n++) {
      const source = { ...POD, instance: `pod-${n}` }
      // Of those the last two poll another tag, and one of them runs another release.
      const [runs, tag] = [n === 4_999 ? NEW : OLD, n < 4_998 ? 'production' : 'staging']
      memory.take(n % 2 === 0 ? 'care' : 'shop', poll(runs, nameOf(n), { source, tag }), START)
    }
    memory.take('shop', poll(OLD, nameOf(9), { source: { ...POD, instance: 'pod-9' }, tag: 'beta' }), START)
    for (const n of [7, 4_321]) {
      memory.take('shop', begun(NEW, nameOf(n)), START)
      memory.take('shop', cut(nameOf(n)), START)
      memory.take('shop', begun(NEW, nameOf(n)), START)
    }
    const numbers = new Map([OLD, NEW].map(({ release, digest }) => [digest, release]))
    const listed = {
      memory,
      now: START,
      releaseOf: (_: string, digest: string) => numbers.get(digest),
      digestsOf: (release: number) => {
        const digest = [OLD, NEW].find((one) => one.release === release)?.digest
        return new Map(digest === undefined ? [] : [['shop', digest]])
      },
    }
    const looks: [FleetFilter, string[]][] = [
      [{ state: 'failing' }, ['pod-4321', 'pod-7']],
      [{ tag: 'staging' }, ['pod-4998', 'pod-4999']],
      [{ tag: 'staging', model: 'shop' }, ['pod-4999']],
      [{ tag: 'staging', state: 'running', model: 'care' }, ['pod-4998']],
      [{ tag: 'beta' }, ['pod-9']],
      [{ tag: 'nobody' }, []],
      [{ release: NEW.release }, ['pod-4999']],
      [{ release: 99 }, []],
      [{ tag: 'production', release: NEW.release }, []],
    ]
    for (const [filter, expected] of looks) {
      for (const list of [listBots, listProcesses]) {
        const listing = list(listed, filter, { limit: 100 })
        expect(await turnsDuring(listing), JSON.stringify(filter)).to.be.below(5)
        expect((await listing).map(({ bot }) => bot).sort()).to.deep.equal(expected)
      }
    }
  })
})
