import { expect } from 'chai'
import fc from 'fast-check'
import { BOT_STATES } from '../../protocol/bot-states.ts'
import { botState } from '../../server/fleet/bot-summary.ts'
import { FleetMemory } from '../../server/fleet/fleet-memory.ts'
import { listBots } from '../../server/fleet/list-fleet.ts'
import { processState } from '../../server/fleet/process-state.ts'
import { turnsDuring } from '../support/turns-during.ts'
import { anyStep, takeSteps } from './any-step.ts'
import { begun, cut, NEW, OLD, poll, POD, START } from './facts.ts'

describe('the bots and processes in a state', () => {
  it('are found by it, in order, whatever came', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        // Room for four: some are pushed out by others.
        const memory = new FleetMemory(4)
        takeSteps(memory, steps, () => {
          for (const state of BOT_STATES) {
            const bots = (wanted?: typeof state) =>
              memory.botsAfter('', 100, wanted).flatMap((bot) => (botState(bot) === state ? bot.bot : []))
            const processes = (wanted?: typeof state) =>
              memory
                .processesAfter('', 100, wanted)
                .flatMap(({ record }) => (processState(record) === state ? record.process : []))
            expect(bots(state)).to.deep.equal(bots())
            expect(processes(state)).to.deep.equal(processes())
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
      memory.take('shop', poll(OLD, nameOf(n), { source }), START)
    }
    for (const n of [7, 4_321]) {
      memory.take('shop', begun(NEW, nameOf(n)), START)
      memory.take('shop', cut(nameOf(n)), START)
      memory.take('shop', begun(NEW, nameOf(n)), START)
    }
    const listed = { memory, releaseOf: () => 7, now: START }
    const listing = listBots(listed, { state: 'failing' }, { limit: 100 })
    expect(await turnsDuring(listing)).to.be.below(5)
    expect((await listing).map(({ bot }) => bot)).to.deep.equal(['pod-4321', 'pod-7'])
  })
})
