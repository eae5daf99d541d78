import { expect } from 'chai'
import fc from 'fast-check'
import { FleetMemory } from '../../server/fleet/fleet-memory.ts'
import {
  botAfter,
  begun,
  NEW,
  OLD,
  poll,
  POD,
  processName,
  sent,
  silence,
  START,
  type Timed,
} from './facts.ts'

/** The name of the nth process. */
function name(n: number): string {
  return n.toString(16).padStart(12, '0') + '4000' + '8000000000000000'
}

function take(memory: FleetMemory, ...facts: Timed[]): void {
  for (const [seconds, fact] of facts) memory.take('shop', fact, START + seconds * 1000)
}

/** A process that was seen to load a release. */
function proven(process: string, instance: string): Timed[] {
  const source = { ...POD, instance }
  return [
    [0, poll(null, process, { source })],
    [0, begun(OLD, process)],
    [1, sent(process)],
    [20, poll(OLD, process, { source })],
  ]
}

describe('FleetMemory', () => {
  it('concludes what the reducer concludes', () => {
    const facts: Timed[] = [
      ...proven(processName('a'), 'pod-1'),
      ...[40, 60, 700].map((at): Timed => [at, poll(OLD)]),
      ...([
        [701, begun(NEW)],
        [702, sent()],
        [720, poll(NEW)],
        [740, poll(NEW)],
      ] as Timed[]),
    ]
    const memory = new FleetMemory(10)
    take(memory, ...facts)
    expect(memory.bot('shop', 'pod-1')).to.deep.equal(botAfter(...facts).bot)
  })

  it('keeps models apart', () => {
    const memory = new FleetMemory(10)
    memory.take('shop', poll(OLD), START)
    memory.take('care', poll(NEW), START)
    expect(memory.bot('shop', 'pod-1')?.processes[0]?.digest).to.equal(OLD.digest)
    expect([...memory.bots('care')]).to.have.length(1)
  })

  it('moves a process that polls under another name', () => {
    const memory = new FleetMemory(10)
    take(memory, ...proven(processName('a'), 'pod-1'), [
      40,
      poll(OLD, processName('a'), { source: { ...POD, instance: 'pod-2' } }),
    ])
    expect(memory.bot('shop', 'pod-1')).to.equal(undefined)
    expect(memory.bot('shop', 'pod-2')?.processes[0]?.provenAt).to.be.a('number')
  })

  it('never holds more than it may, and never lets invented names push out what has loaded something', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(200), fc.boolean()), { maxLength: 150 }), (flood) => {
        const memory = new FleetMemory(20)
        const real = Array.from({ length: 15 }, (_, index) => index)
        for (const index of real) take(memory, ...proven(name(1000 + index), `real-${index}`))
        flood.forEach(([process, claims], index) => {
          const source = { ...POD, instance: `invented-${process}` }
          take(memory, [30 + index, poll(claims ? OLD : null, name(process), { source })])
          expect(memory.size).to.be.at.most(20)
        })
        for (const index of real) expect(memory.bot('shop', `real-${index}`)).not.to.equal(undefined)
      }),
    )
  })

  it('forgets the longest silent first', () => {
    const memory = new FleetMemory(2)
    const from = (instance: string) => ({ source: { ...POD, instance } })
    take(memory, [0, poll(null, name(1), from('one'))], [1, poll(null, name(2), from('two'))])
    take(memory, [2, poll(null, name(1), from('one'))], [3, poll(null, name(3), from('three'))])
    expect([...memory.bots('shop')].map(({ bot }) => bot)).to.deep.equal(['one', 'three'])
  })

  it('has room for a bot that restarts, however often', () => {
    const memory = new FleetMemory(3)
    for (let start = 0; start < 20; start++) {
      const at = start * 1000
      const facts = proven(name(start), 'pod-1').map(([seconds, fact]): Timed => [at + seconds, fact])
      take(memory, ...facts)
      if (start > 0) {
        const silence = {
          kind: 'silence',
          process: name(start - 1),
          slowestLoad: null,
          listeningSince: 0,
        } as const
        take(memory, [at + 21, silence])
      }
      expect(memory.find('shop', name(start)), `start ${start}`).not.to.equal(undefined)
    }
    expect(memory.bot('shop', 'pod-1')?.processes.some(({ process }) => process === name(19))).to.be.true
  })

  it('has room for pods that have another name after each deployment: those that are gone go, the longest silent first', () => {
    const memory = new FleetMemory(4)
    for (let pod = 0; pod < 20; pod++) {
      const at = pod * 1000
      take(memory, ...proven(name(pod), `pod-${pod}`).map(([s, fact]): Timed => [at + s, fact]))
      expect(memory.find('shop', name(pod)), `pod ${pod}`).not.to.equal(undefined)
      take(memory, [at + 900, silence(name(pod))])
    }
    expect([...memory.bots('shop')].map(({ bot }) => bot)).to.deep.equal([
      'pod-16',
      'pod-17',
      'pod-18',
      'pod-19',
    ])
  })

  it('has room for pods that begin at the same time, where others are gone', () => {
    const memory = new FleetMemory(100)
    for (let pod = 0; pod < 100; pod++) {
      take(memory, ...proven(name(pod), `pod-${pod}`), [900 + pod, silence(name(pod))])
    }
    const begin = Array.from({ length: 10 }, (_, pod) =>
      proven(name(200 + pod), `new-${pod}`).map(([at, fact]): Timed => [2000 + at, fact]),
    )
    // All of them poll before any of them has loaded its release.
    for (let step = 0; step < 4; step++)
      for (const steps of begin) take(memory, ...steps.slice(step, step + 1))
    const known = [...memory.bots('shop')].filter(({ bot }) => bot.startsWith('new-'))
    expect(known.map(({ provenAt }) => provenAt !== null)).to.deep.equal(Array(10).fill(true))
  })

  it('has those that are gone make a quarter of its room, and no more, for names that may be invented', () => {
    const memory = new FleetMemory(100)
    for (let pod = 0; pod < 100; pod++) {
      take(memory, ...proven(name(pod), `pod-${pod}`), [900 + pod, silence(name(pod))])
    }
    for (let n = 0; n < 500; n++) {
      const source = { ...POD, instance: `x-${n}` }
      take(memory, [2000 + n, poll(n % 2 === 0 ? null : OLD, name(200 + n), { source })])
    }
    const left = [...memory.bots('shop')].filter(({ bot }) => bot.startsWith('pod-'))
    expect(left).to.have.lengthOf(75)
  })

  it('has those that are gone and never loaded anything go before all others that are gone', () => {
    const memory = new FleetMemory(20)
    for (let pod = 0; pod < 10; pod++) {
      take(memory, ...proven(name(pod), `pod-${pod}`), [900, silence(name(pod))])
    }
    const claimed = (n: number) => poll(OLD, name(100 + n), { source: { ...POD, instance: `x-${n}` } })
    for (let n = 0; n < 10; n++) take(memory, [0, claimed(n)], [900, silence(name(100 + n))])
    for (let n = 10; n < 20; n++) take(memory, [1000 + n, claimed(n)])
    expect([...memory.bots('shop')].filter(({ bot }) => bot.startsWith('pod-'))).to.have.lengthOf(10)
    expect([...memory.bots('shop')].filter(({ bot }) => bot.startsWith('x-1'))).to.have.lengthOf(10)
  })

  it('has none go that is there and loaded something, although others are gone, however many names are invented', () => {
    const memory = new FleetMemory(4)
    for (let pod = 0; pod < 4; pod++) take(memory, ...proven(name(pod), `pod-${pod}`))
    take(memory, [900, silence(name(1))], [901, silence(name(2))])
    for (let n = 0; n < 50; n++)
      take(memory, [
        1000 + n,
        poll(n % 2 === 0 ? null : OLD, name(100 + n), { source: { ...POD, instance: `x-${n}` } }),
      ])
    const known = [...memory.bots('shop')].map(({ bot }) => bot).filter((bot) => bot.startsWith('pod'))
    expect(known).to.include.members(['pod-0', 'pod-3'])
  })

  it('takes each process by itself where thousands share a name', () => {
    const memory = new FleetMemory(10_000)
    const source = { ...POD, instance: null }
    for (let n = 0; n < 5000; n++) take(memory, [n / 1000, poll(OLD, name(n), { source })])
    const { bot } = memory.take('shop', poll(NEW, name(1), { source }), START + 60_000)
    expect(bot?.processes).to.have.length(1)
    expect(bot?.crowded).to.be.true
    expect(memory.bot('shop', '10.0.0.1')?.processes).to.have.length(5000)
  })
})
