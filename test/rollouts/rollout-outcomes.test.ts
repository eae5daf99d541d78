import { expect } from 'chai'
import { aShop, TAG, type Shop } from './runner-support.ts'

const CANARY = { steps: [1, '100%'] }

/** How often rollouts of the tag ended in each state. */
function outcomesOf({ parts }: Shop): Record<string, number> {
  const counts = parts.outcomes.all().filter(({ tag }) => tag === TAG)
  return Object.fromEntries(counts.map(({ outcome, count }) => [outcome, count]))
}

describe('the count of rollouts that ended', () => {
  it('has each of them once, by how it ended', async () => {
    const shop = await aShop(3)
    const { done = 0 } = outcomesOf(shop)
    await shop.promote(2)
    expect(outcomesOf(shop)['done'] ?? 0).to.equal(done)
    await shop.round(3)
    expect(outcomesOf(shop)).to.deep.equal({ done: done + 1 })
    await shop.promote(3, { policy: CANARY })
    await shop.promote(4, { policy: CANARY })
    expect(outcomesOf(shop)).to.deep.equal({ done: done + 1, replaced: 1 })
    await shop.rollBack()
    await shop.round(3)
    expect(outcomesOf(shop)).to.deep.equal({ done: done + 1, replaced: 1, aborted: 1 })
    for (const bot of shop.bots) bot.broken.add(3)
    await shop.promote(3, { policy: CANARY })
    await shop.round(8)
    expect(outcomesOf(shop)).to.deep.equal({ done: done + 1, replaced: 1, aborted: 1, reverted: 1 })
    await shop.round(3)
    expect(outcomesOf(shop)).to.deep.equal({ done: done + 1, replaced: 1, aborted: 1, reverted: 1 })
  })

  it('has none that the catalog did not take', async () => {
    const shop = await aShop(2, { onFailure: () => undefined })
    const before = outcomesOf(shop)
    await shop.promote(2)
    shop.write = () => Promise.reject(new Error('The disk is full'))
    await shop.round(3)
    expect(outcomesOf(shop)).to.deep.equal(before)
    shop.write = undefined
    await shop.round(2)
    expect(outcomesOf(shop)['done']).to.equal((before['done'] ?? 0) + 1)
  })
})
