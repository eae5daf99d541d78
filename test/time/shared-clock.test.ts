import { expect } from 'chai'
import fc from 'fast-check'
import { sampleClock, SharedClock } from '../../server/time/shared-clock.ts'

const START = 1_800_000_000_000
const HOUR = 3_600_000

/** A database whose clock goes a little faster or slower than the stopwatch of the server, behind a network that takes its time. */
class Database {
  readonly #pace: number
  stopwatch = 0
  /** By how much its clock was set since the start. */
  set = 0

  constructor(pace = 1) {
    this.#pace = pace
  }

  now(): number {
    return START + this.set + this.stopwatch * this.#pace
  }

  readonly monotonic = (): number => this.stopwatch

  sample(there: number, back: number) {
    return sampleClock(() => {
      this.stopwatch += there
      const shown = Math.round(this.now())
      this.stopwatch += back
      return Promise.resolve(shown)
    }, this.monotonic)
  }
}

describe('the clock of a database, as its servers carry it on', () => {
  it('shows what that shows, to within the time that an answer took, and never goes back', async () => {
    const delays = fc.integer({ min: 0, max: 4_000 })
    const look = fc.record({ rest: fc.integer({ min: 0, max: 60_000 }), there: delays, back: delays })
    const pace = fc.double({ min: 0.9995, max: 1.0005, noNaN: true })
    await fc.assert(
      fc.asyncProperty(pace, fc.array(look, { minLength: 1, maxLength: 30 }), async (pace, looks) => {
        const database = new Database(pace)
        const clock = new SharedClock(database.monotonic, await database.sample(5, 5))
        let before = clock.now()
        for (const { rest, there, back } of looks) {
          database.stopwatch += rest
          expect(clock.now()).to.be.at.least(before)
          before = clock.now()
          clock.learn(await database.sample(there, back))
          // What it may not take back it waits for.
          const error = Math.abs(clock.now() - database.now())
          expect(error).to.be.at.most(Math.max(there + back, clock.now() - before === 0 ? 5_000 : 0) + 10)
          expect(clock.now()).to.be.at.least(before)
          before = clock.now()
        }
      }),
    )
  })

  it('is not led astray by an answer that took long', async () => {
    const database = new Database()
    const clock = new SharedClock(database.monotonic, await database.sample(1, 1))
    clock.learn(await database.sample(0, 4_000))
    clock.learn(await database.sample(4_000, 0))
    expect(clock.now()).to.be.closeTo(database.now(), 2)
  })

  it('goes on while the database does not answer', async () => {
    const database = new Database()
    const clock = new SharedClock(database.monotonic, await database.sample(1, 1))
    database.stopwatch += HOUR
    expect(clock.now()).to.be.closeTo(database.now(), 2)
  })

  it('stands still rather than going back by a little, and follows a clock that was set', async () => {
    const database = new Database()
    const clock = new SharedClock(database.monotonic, await database.sample(1, 1))
    const before = clock.now()
    database.set = -1_000
    clock.learn(await database.sample(1, 1))
    expect(clock.now()).to.equal(before)
    database.stopwatch += 2_000
    expect(clock.now()).to.be.closeTo(database.now(), 2)
    database.set = -HOUR
    clock.learn(await database.sample(1, 1))
    expect(clock.now()).to.be.closeTo(database.now(), 2)
    database.set = HOUR
    clock.learn(await database.sample(1, 1))
    expect(clock.now()).to.be.closeTo(database.now(), 2)
  })
})
