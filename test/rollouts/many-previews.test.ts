import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { aShop, MODEL, TAG } from './runner-support.ts'

describe('previews that are asked for at once', () => {
  it('are worked out one in each turn of the event loop, so that polls are answered in between', async () => {
    const { parts } = await aShop(3)
    let turn = 0
    const turns: number[] = []
    const asked = Array.from({ length: 5 }, async () => {
      await parts.control.preview({ model: MODEL, tag: TAG, release: 2 })
      turns.push(turn)
    })
    while (turns.length < asked.length) {
      await nextTurn()
      turn++
    }
    expect(new Set(turns).size).to.equal(asked.length)
  })
})
