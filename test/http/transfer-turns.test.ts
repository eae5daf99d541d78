import { expect } from 'chai'
import { TransferTurns } from '../../server/http/transfer-turns.ts'

/** An event loop whose turns and time the test decides. */
class ManualLoop {
  now = 0
  #next: (() => void)[] = []

  readonly timing = {
    now: () => this.now,
    nextTurn: (callback: () => void) => {
      this.#next.push(callback)
    },
  }

  /** @returns Whether anything waited for it. */
  turn(): boolean {
    const callbacks = this.#next
    this.#next = []
    for (const callback of callbacks) callback()
    return callbacks.length > 0
  }
}

describe('transfers share the event loop', () => {
  let loop: ManualLoop
  let turns: TransferTurns
  let done: number[]

  beforeEach(() => {
    loop = new ManualLoop()
    turns = new TransferTurns(loop.timing)
    done = []
  })

  const runFor = (milliseconds: number, name: number): void => {
    turns.run(() => {
      loop.now += milliseconds
      done.push(name)
    })
  }

  it('one works at once where nobody waits', () => {
    runFor(1, 1)
    expect(done).to.deep.equal([1])
  })

  it('many work a few milliseconds in each turn, in the order in which they came', () => {
    for (let name = 1; name <= 8; name++) runFor(1, name)
    expect(done).to.deep.equal([1, 2, 3])
    loop.turn()
    expect(done).to.deep.equal([1, 2, 3, 4, 5, 6])
    loop.turn()
    expect(done).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('one that comes later waits behind those that wait', () => {
    for (let name = 1; name <= 4; name++) runFor(3, name)
    loop.turn()
    runFor(3, 5)
    expect(done).to.deep.equal([1, 2])
    while (loop.turn());
    expect(done).to.deep.equal([1, 2, 3, 4, 5])
  })

  it('few begin in one turn: opening files takes its time later', async () => {
    let begun = 0
    for (let count = 0; count < 100; count++) void turns.ready().then(() => begun++)
    await Promise.resolve()
    expect(begun).to.be.within(1, 10)
    while (loop.turn());
    await Promise.resolve()
    expect(begun).to.equal(100)
  })

  it('they wait while new connections come, though not for ever', () => {
    runFor(3, 1)
    runFor(3, 2)
    turns.noteConnection()
    loop.turn()
    expect(done).to.deep.equal([1])
    loop.turn()
    expect(done).to.deep.equal([1, 2])
    runFor(3, 3)
    for (let count = 0; count < 100; count++) {
      loop.now += 1
      turns.noteConnection()
      loop.turn()
    }
    expect(done).to.deep.equal([1, 2, 3])
  })

  it('all of many thousand come to their turn once', () => {
    for (let name = 0; name < 5_000; name++) runFor(1, name)
    while (loop.turn());
    expect(done).to.deep.equal(Array.from({ length: 5_000 }, (_, name) => name))
  })
})
