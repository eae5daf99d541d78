import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { PacedSaves } from '../../server/fleet/paced-saves.ts'
import { eventually } from '../support/eventually.ts'
import { aClock } from '../support/manual-clock.ts'

/** Saves that take so many milliseconds each, in time that the test lets pass. */
function savesTaking(milliseconds: number) {
  const clock = aClock(0)
  const timers = new Set<{ at: number; callback: () => void }>()
  const begunAt: number[] = []
  const pass = async (until: number): Promise<void> => {
    while (clock.now() < until) {
      clock.advance(1)
      for (const timer of timers) {
        if (timer.at > clock.now()) continue
        timers.delete(timer)
        timer.callback()
      }
      await nextTurn()
    }
  }
  const saves = new PacedSaves(
    () => {
      begunAt.push(clock.now())
      clock.advance(milliseconds)
      return Promise.resolve()
    },
    {
      monotonic: () => clock.now(),
      later: (after, callback) => {
        const timer = { at: clock.now() + after, callback }
        timers.add(timer)
        return () => timers.delete(timer)
      },
    },
  )
  return { saves, clock, begunAt, pass, timers }
}

describe('PacedSaves', () => {
  it('saves a lone change at once, also some time after another', async () => {
    const { saves, begunAt, pass } = savesTaking(10)
    await saves.soon()
    await pass(1_000)
    await saves.soon()
    expect(begunAt).to.deep.equal([0, 1_000])
  })

  it('saves what a turn of the event loop comes to once', async () => {
    const { saves, begunAt } = savesTaking(10)
    await Promise.all([saves.soon(), saves.now(), saves.soon()])
    expect(begunAt).to.have.length(1)
  })

  it('rests three times as long as a save took before the next one, and has all who ask meanwhile served by that', async () => {
    const { saves, clock, begunAt, pass } = savesTaking(5)
    await saves.soon()
    const waiting: Promise<void>[] = []
    let served = 0
    for (let count = 0; count < 10; count++) {
      const noteServed = () => {
        served++
      }
      waiting.push(saves.soon().then(noteServed))
      await pass(clock.now() + 1)
    }
    expect([begunAt, served]).to.deep.equal([[0], 0])
    await pass(20)
    await Promise.all(waiting)
    expect([begunAt, served]).to.deep.equal([[0, 20], 10])
  })

  it('spends a quarter of the time on saving where it is asked over and over, as long as saves are short', async () => {
    const { saves, begunAt, pass } = savesTaking(5)
    const over = new AbortController()
    const asking = (async () => {
      while (!over.signal.aborted) await saves.soon()
    })()
    await pass(1_000)
    over.abort()
    await pass(1_100)
    await asking
    expect(begunAt.length * 5).to.be.within(200, 275)
  })

  it('rests 50 ms at most, however long a save took', async () => {
    const { saves, begunAt, pass } = savesTaking(2_000)
    await saves.soon()
    const second = saves.soon()
    await pass(2_049)
    expect(begunAt).to.deep.equal([0])
    await pass(2_050)
    await second
    expect(begunAt).to.deep.equal([0, 2_050])
  })

  it('does not rest for whoever cannot wait, and serves the others with that', async () => {
    const { saves, begunAt, pass, timers } = savesTaking(10)
    await saves.soon()
    const patient = saves.soon()
    await eventually('it rests', () => timers.size === 1)
    await Promise.all([saves.now(), patient])
    expect(begunAt).to.deep.equal([0, 10])
    expect(timers.size).to.equal(0)
    await pass(100)
    expect(begunAt).to.have.length(2)
  })

  it('begins another save for whoever asks while one is under way', async () => {
    const { promise: goOn, resolve } = Promise.withResolvers<undefined>()
    let begun = 0
    const saves = new PacedSaves(
      async () => {
        begun++
        await goOn
      },
      { monotonic: () => 0 },
    )
    const first = saves.soon()
    await eventually('it saves', () => begun === 1)
    const second = saves.soon()
    resolve(undefined)
    await Promise.all([first, second])
    expect(begun).to.equal(2)
  })
})
