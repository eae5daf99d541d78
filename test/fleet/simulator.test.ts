import { expect } from 'chai'
import { rejection } from '../contracts/catalog-support.ts'
import { endingOf } from './simulator/confusion.ts'
import { CoreServer } from './simulator/core-server.ts'
import type { FleetServer } from './simulator/fleet-server.ts'
import { playHistory, type Outcome, type Scenario } from './simulator/history.ts'
import { simulate } from './simulator/simulation.ts'

// The long run is scripts/simulate-fleet.
const SEED = Number(process.env['SEED'] ?? 20261125)

describe('the simulator', function () {
  // Some milliseconds for each history; on a busy machine many.
  this.timeout(120_000)

  it('plays the same history again from the same seed', async () => {
    const scenario: Scenario = {
      seed: SEED,
      quality: 'good',
      faults: ['transfers are cut', 'bots crash now and then'],
    }
    expect(await playHistory(scenario)).to.deep.equal(await playHistory(scenario))
  })

  it('never sees a good release taken back, nor a promise broken, whatever else goes wrong', async () => {
    const { violations, confusion } = await simulate({ healthy: 120, seed: SEED })
    expect(violations).to.deep.equal([])
    expect(confusion['good, under faults']?.done).to.be.greaterThan(0)
  })

  for (const quality of ['broken', 'crashing'] as const) {
    it(`sees a ${quality} release taken back from every fleet of several bots`, async () => {
      const missed: string[] = []
      for (let index = 0; index < 40; index++) {
        const { state, reason } = await play({
          seed: SEED + index,
          quality,
          faults: [],
          bots: 2 + (index % 8),
        })
        if (state !== 'reverted') missed.push(`seed ${SEED + index}: ${state}: ${String(reason)}`)
      }
      expect(missed).to.deep.equal([])
    })
  }

  it('never sees a release that hangs every bot pass', async () => {
    for (let index = 0; index < 20; index++) {
      const outcome = await play({ seed: SEED + index, quality: 'hanging', faults: [] })
      expect(endingOf(outcome), String(outcome.reason)).not.to.equal('done')
    }
  })

  it('closes what it tests where a history cannot be played, and ends the others', async () => {
    let [made, closed] = [0, 0]
    const makeServer = (now: number): FleetServer => {
      made++
      return new (class extends CoreServer {
        override promote(): void {
          throw new Error('cannot be promoted')
        }
        override close(): void {
          closed++
        }
      })({ needsToken: false }, now)
    }
    const error = await rejection(simulate({ healthy: 100, seed: SEED, atOnce: 4, makeServer }))
    expect(error).to.include({ message: 'cannot be promoted' })
    expect(made).to.be.within(1, 4)
    expect(closed).to.equal(made)
  })
})

async function play(scenario: Scenario): Promise<Outcome> {
  const outcome = await playHistory(scenario)
  expect(outcome.violations, JSON.stringify(scenario)).to.deep.equal([])
  return outcome
}
