import { expect } from 'chai'
import { FAULTS, type Fault, type Quality } from './simulator/faults.ts'
import { playHistory, type Outcome, type Scenario } from './simulator/history.ts'
import { Random } from './simulator/random.ts'

/** How many histories are played of each kind; SLOW=1 plays a hundred times as many, SLOW=1000 a thousand times. */
const SLOW = Number(process.env['SLOW'] ?? 0)
const TIMES = SLOW > 1 ? SLOW : SLOW === 1 ? 100 : 1
const SEED = Number(process.env['SEED'] ?? 20261125)

describe('the simulator', function () {
  this.timeout(120_000 * TIMES)

  it('plays the same history again from the same seed', async () => {
    const scenario: Scenario = {
      seed: SEED,
      quality: 'good',
      faults: ['transfers are cut', 'bots crash now and then'],
    }
    expect(await playHistory(scenario)).to.deep.equal(await playHistory(scenario))
  })

  it('never sees a good release taken back, whatever else goes wrong', async () => {
    const random = new Random(SEED)
    const reverted: string[] = []
    for (let index = 0; index < 100 * TIMES; index++) {
      const faults = someFaults(random, index)
      const outcome = await play({ seed: SEED + index, quality: 'good', faults })
      if (outcome.isQuarantined)
        reverted.push(`seed ${SEED + index}: ${faults.join(', ')}: ${String(outcome.reason)}`)
    }
    expect(reverted).to.deep.equal([])
  })

  for (const quality of ['broken', 'crashing'] as const) {
    it(`sees a ${quality} release taken back from every fleet of several bots`, async () => {
      const missed: string[] = []
      const count = 40 * TIMES
      for (let index = 0; index < count; index++) {
        const { state, reason } = await play({
          seed: SEED + index,
          quality,
          faults: [],
          bots: 2 + (index % 8),
        })
        if (state !== 'reverted') missed.push(`seed ${SEED + index}: ${state}: ${String(reason)}`)
      }
      expect(missed.length, missed.slice(0, 5).join('\n')).to.be.at.most(count / 100)
    })
  }

  it('never sees a release that hangs every bot pass', async () => {
    for (let index = 0; index < 20 * TIMES; index++) {
      const { state, reason } = await play({ seed: SEED + index, quality: 'hanging', faults: [] })
      expect(state === 'done' && reason === null, String(reason)).to.be.false
    }
  })

  it('keeps its promises for bad releases under faults', async () => {
    const random = new Random(SEED + 1)
    for (let index = 0; index < 20 * TIMES; index++) {
      const quality = random.pick<Quality>(['broken', 'crashing', 'hanging'])
      await play({ seed: SEED + index, quality, faults: someFaults(random, index) })
    }
  })

  after(() => {
    printMatrix()
  })
})

const matrix = new Map<string, Map<string, number>>()

async function play(scenario: Scenario): Promise<Outcome> {
  const outcome = await playHistory(scenario)
  const message = `${JSON.stringify(scenario)}\n${outcome.violations.join('\n')}`
  expect(outcome.violations, message).to.deep.equal([])
  const row = `${scenario.quality}${scenario.faults.length > 0 ? ' under faults' : ''}`
  const column = outcome.state === 'done' && outcome.reason !== null ? 'done, said loudly' : outcome.state
  const counts = matrix.get(row) ?? new Map<string, number>()
  counts.set(column, (counts.get(column) ?? 0) + 1)
  matrix.set(row, counts)
  return outcome
}

/** One to three of the faults; every fault comes up. */
function someFaults(random: Random, index: number): Fault[] {
  const faults = new Set<Fault>([FAULTS[index % FAULTS.length]!])
  const more = random.integer(0, 2)
  for (let count = 0; count < more; count++) faults.add(random.pick(FAULTS))
  return [...faults]
}

/** What was promoted against what came of it. */
function printMatrix(): void {
  const columns = ['done', 'done, said loudly', 'reverted', 'paused']
  const line = (cells: string[]): string =>
    cells.map((cell, index) => cell.padEnd(index === 0 ? 24 : 19)).join('')
  const rows = [...matrix]
    .toSorted()
    .map(([row, counts]) => line([row, ...columns.map((column) => String(counts.get(column) ?? 0))]))
  process.stdout.write(`${['', line(['', ...columns]), ...rows].map((row) => `      ${row}`).join('\n')}\n`)
}
