import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { rejection } from '../contracts/catalog-support.ts'
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

  it('are not worked out for whoever has left: the next one waits for nobody', async () => {
    const { parts } = await aShop(3)
    const promotion = { model: MODEL, tag: TAG, release: 2 }
    const left = AbortSignal.abort(new Error('has left'))
    const leaving = new AbortController()
    const first = parts.control.preview(promotion)
    const gone = [leaving.signal, left].map((signal) => rejection(parts.control.preview(promotion, signal)))
    leaving.abort(new Error('leaves'))
    expect((await Promise.all(gone)).map(({ message }) => message)).to.deep.equal(['leaves', 'has left'])
    expect((await first).to).to.equal(2)
    expect((await parts.control.preview(promotion)).to).to.equal(2)
  })
})
