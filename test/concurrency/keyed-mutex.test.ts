import { expect } from 'chai'
import fc from 'fast-check'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'

describe('a lock per key', () => {
  it('runs work under one key one at a time, in the order of asking, and other keys beside it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 }),
        async (scheduler, keys) => {
          const lock = new KeyedMutex()
          const running = new Map<string, number>()
          const finished: Record<string, number[]> = {}
          const all = keys.map((key, index) =>
            lock.run(key, async () => {
              expect(running.get(key), 'two at once').to.equal(undefined)
              running.set(key, index)
              await scheduler.schedule(Promise.resolve())
              running.delete(key)
              ;(finished[key] ??= []).push(index)
            }),
          )
          await scheduler.waitFor(Promise.all(all))
          for (const order of Object.values(finished))
            expect(order).to.deep.equal(order.toSorted((a, b) => a - b))
        },
      ),
    )
  })

  it('resolves to what the work resolves to', async () => {
    expect(await new KeyedMutex().run('a', () => Promise.resolve(7))).to.equal(7)
  })

  it('goes on after work that failed, and only its caller hears of the failure', async () => {
    const lock = new KeyedMutex()
    const failure = lock.run('a', () => Promise.reject(new Error('no'))).catch((error: unknown) => error)
    expect(await lock.run('a', () => Promise.resolve('yes'))).to.equal('yes')
    expect(await failure)
      .to.be.an('error')
      .with.property('message', 'no')
  })

  it('does not hold up other keys', async () => {
    const lock = new KeyedMutex()
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const waiting = lock.run('a', () => promise)
    expect(await lock.run('b', () => Promise.resolve('done'))).to.equal('done')
    resolve(undefined)
    await waiting
  })
})
