import { expect } from 'chai'
import { Semaphore } from '../../concurrency/semaphore.ts'

const never = new AbortController().signal

describe('a semaphore', () => {
  it('lets so many pieces of work go on at once, and the others in their order', async () => {
    const semaphore = new Semaphore(2)
    const begun: number[] = []
    const ends = Array.from({ length: 4 }, () => Promise.withResolvers<undefined>())
    const all = ends.map(({ promise }, index) =>
      semaphore.run(() => {
        begun.push(index)
        return promise
      }, never),
    )
    await turn()
    expect(begun).to.deep.equal([0, 1])
    ends[1]?.resolve(undefined)
    await all[1]
    await turn()
    expect(begun).to.deep.equal([0, 1, 2])
    for (const { resolve } of ends) resolve(undefined)
    await Promise.all(all)
    expect(begun).to.deep.equal([0, 1, 2, 3])
  })

  it('gives back the place of work that fails', async () => {
    const semaphore = new Semaphore(1)
    const failure = await semaphore.run(() => Promise.reject(new Error('no')), never).catch(messageOf)
    expect(failure).to.equal('no')
    expect(await semaphore.run(() => Promise.resolve('yes'), never)).to.equal('yes')
  })

  it('does not begin work whose signal aborts while it waits, and keeps no place for it', async () => {
    const semaphore = new Semaphore(1)
    const first = Promise.withResolvers<undefined>()
    const running = semaphore.run(() => first.promise, never)
    const abort = new AbortController()
    const waiting = semaphore.run(() => Promise.reject(new Error('begun')), abort.signal).catch(messageOf)
    await turn()
    abort.abort(new Error('given up'))
    expect(await waiting).to.equal('given up')
    first.resolve(undefined)
    await running
    expect(await semaphore.run(() => Promise.resolve('next'), never)).to.equal('next')
  })

  it('passes on the place of work whose signal aborts just as its turn comes', async () => {
    const semaphore = new Semaphore(1)
    const first = Promise.withResolvers<undefined>()
    const running = semaphore.run(() => first.promise, never)
    const abort = new AbortController()
    const second = semaphore.run(() => Promise.resolve('second'), abort.signal).catch(messageOf)
    const third = semaphore.run(() => Promise.resolve('third'), never)
    void running.then(() => {
      abort.abort(new Error('given up'))
    })
    first.resolve(undefined)
    expect(await Promise.race([second, third.then(() => second)])).to.be.oneOf(['second', 'given up'])
    expect(await third).to.equal('third')
  })
})

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
