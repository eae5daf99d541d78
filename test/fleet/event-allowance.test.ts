import { expect } from 'chai'
import { EventAllowance } from '../../server/fleet/event-allowance.ts'
import { MINUTE, START } from './facts.ts'

const DAY = 24 * 60 * MINUTE

describe('the events that are kept', () => {
  const nobody = (bot: number) => ({ model: 'shop', bot: `invented ${bot}`, provenAt: null, crowded: false })
  const bot = { model: 'shop', bot: 'pod-1', provenAt: START, crowded: false }

  /** How many of so many polls, each of which is an event, are kept. */
  function keptOf(
    allowance: EventAllowance,
    polls: number,
    botOf: (poll: number) => Parameters<EventAllowance['take']>[0],
    now: number,
  ): number {
    let kept = 0
    for (let count = 0; count < polls; count++) if (allowance.take(botOf(count), 1, now)) kept++
    return kept
  }

  it('are some thousands of all bots that never loaded anything, and in a day some more', () => {
    const allowance = new EventAllowance()
    expect(keptOf(allowance, 50_000, nobody, START)).to.equal(20_000)
    expect(keptOf(allowance, 50_000, nobody, START + DAY)).to.equal(10_000)
    expect(keptOf(allowance, 50_000, nobody, START + 30 * DAY)).to.equal(10_000)
  })

  it('are those of a bot that loaded something, however many names are invented', () => {
    const allowance = new EventAllowance()
    keptOf(allowance, 50_000, nobody, START)
    expect(keptOf(allowance, 100, () => bot, START)).to.equal(100)
  })

  it('are no more than some hundreds of one bot in an hour, and of others as before', () => {
    const allowance = new EventAllowance()
    expect(keptOf(allowance, 5_000, () => bot, START)).to.equal(500)
    expect(allowance.take({ ...bot, bot: 'pod-2' }, 3, START)).to.be.true
    expect(allowance.take(bot, 3, START + 60 * MINUTE)).to.be.true
  })

  it('are more of a name that thousands share', () => {
    expect(keptOf(new EventAllowance(), 50_000, () => ({ ...bot, crowded: true }), START)).to.equal(5_000)
  })

  it('go on where the clock was set back', () => {
    const allowance = new EventAllowance()
    keptOf(allowance, 50_000, nobody, START)
    keptOf(allowance, 5_000, () => bot, START)
    expect(allowance.take(bot, 1, START - DAY)).to.be.true
    expect(allowance.take(nobody(1), 1, START - DAY)).to.be.false
    expect(allowance.take(nobody(1), 1, START - DAY + 60 * MINUTE)).to.be.true
  })
})
