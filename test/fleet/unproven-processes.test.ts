import { expect } from 'chai'
import fc from 'fast-check'
import { FleetMemory } from '../../server/fleet/fleet-memory.ts'
import type { Source } from '../../server/fleet/process-record.ts'
import { UnprovenProcesses } from '../../server/fleet/unproven-processes.ts'
import { begun, NEW, OLD, poll, sent, START } from './facts.ts'

const ROOM = 20

/** The name of the nth process. */
function name(n: number): string {
  return n.toString(16).padStart(12, '0') + '4000' + '8000000000000000'
}

describe('the room for processes that never loaded anything', () => {
  let memory: FleetMemory
  let invented: number

  beforeEach(() => {
    memory = new FleetMemory(ROOM)
    invented = 0
  })

  /** Somebody who never polls twice under one name. */
  function flood(polls: number, more: { runs?: typeof OLD | null; token?: string | null } = {}): void {
    const { runs = null, token = null } = more
    for (let n = 0; n < polls; n++) {
      const source = { instance: `x-${++invented}`, token, address: '203.0.113.9' }
      memory.take('shop', poll(runs, name(1_000 + invented), { source }), START + invented)
    }
  }

  const bot: Source = { instance: 'pod-1', token: null, address: '10.0.0.1' }
  const pollAsBot = (runs: typeof OLD | null, source = bot) =>
    memory.take('shop', poll(runs, name(1), { source }), START + invented).after

  for (const runs of [null, OLD]) {
    it(`is there for a bot that begins while another address has filled it with names that ${runs === null ? 'run nothing' : 'say they run something'}`, () => {
      flood(5 * ROOM, { runs })
      expect(pollAsBot(null)).not.to.equal(undefined)
      expect(memory.size).to.equal(ROOM)
    })

    it(`is kept for a bot while it loads, however many names another address invents that ${runs === null ? 'run nothing' : 'say they run something'}`, () => {
      pollAsBot(null)
      memory.take('shop', begun(NEW, name(1)), START)
      memory.take('shop', sent(name(1)), START)
      flood(5 * ROOM, { runs })
      expect(pollAsBot(NEW)?.provenAt).to.be.a('number')
    })
  }

  it('is there for a bot with a token beside whoever has none, behind one address', () => {
    flood(5 * ROOM, { runs: OLD })
    const source = { ...bot, address: '203.0.113.9' }
    expect(pollAsBot(null, source)).to.equal(undefined)
    expect(pollAsBot(null, { ...source, token: 'ci' })).not.to.equal(undefined)
  })

  it('is not taken from an address with fewer processes by one that has more', () => {
    for (let n = 0; n < 5; n++) {
      const source = { instance: `pod-${n}`, token: null, address: '10.0.0.1' }
      memory.take('shop', poll(null, name(n), { source }), START)
    }
    flood(5 * ROOM, { runs: OLD })
    expect([...memory.bots('shop')].filter(({ bot }) => bot.startsWith('pod-'))).to.have.lengthOf(5)
  })

  for (const runs of [null, OLD]) {
    it(`is kept for a bot that ${runs === null ? 'runs nothing' : 'says it runs something'} and polls on, while each invented name comes from another address`, () => {
      pollAsBot(runs)
      for (let n = 0; n < 5 * ROOM; n++) {
        const source = { instance: `x-${n}`, token: null, address: `198.51.100.${n}` }
        memory.take('shop', poll(null, name(1_000 + n), { source }), START + n)
        expect(memory.find('shop', name(1)), `after ${n} names`).not.to.equal(undefined)
        pollAsBot(runs)
      }
    })
  }

  it('is given up by the sender that has most, whatever came', () => {
    const aPoll = fc.record({
      n: fc.nat(30),
      address: fc.constantFrom('10.0.0.1', '10.0.0.2', '2001:db8::1', '2001:db8::2', '2001:db8:1::1'),
      claims: fc.boolean(),
      kind: fc.constantFrom('poll', 'gone'),
    })
    fc.assert(
      fc.property(fc.array(aPoll, { maxLength: 100 }), (polls) => {
        const unproven = new UnprovenProcesses()
        const known = new Map<string, { digest: string | null; source: Source }>()
        const sizes = () => {
          const counts = new Map<string, number>()
          for (const { source } of known.values()) {
            const sender = source.address.startsWith('2001:db8::') ? '2001:db8::' : source.address
            counts.set(sender, (counts.get(sender) ?? 0) + 1)
          }
          return counts
        }
        for (const { n, address, claims, kind } of polls) {
          const key = String(n)
          const process = { digest: claims ? OLD.digest : null, source: { ...bot, address } }
          if (kind === 'gone' || known.get(key)?.digest !== process.digest) {
            expect(unproven.remove(key)).to.equal(known.delete(key))
          }
          if (kind === 'poll') {
            if (known.has(key)) unproven.touch(key, process)
            else unproven.add(key, process)
            known.delete(key)
            known.set(key, process)
          }
          expect(unproven.size).to.equal(known.size)
          const stranger = { digest: null, source: { ...bot, address: '192.0.2.1' } }
          const first = unproven.firstFor(stranger)
          if (known.size === 0) expect(first).to.equal(undefined)
          else {
            const { address: from = '' } = known.get(first ?? '')?.source ?? {}
            const sender = from.startsWith('2001:db8::') ? '2001:db8::' : from
            expect(sizes().get(sender)).to.equal(Math.max(...sizes().values()))
            const others = [...known].filter(([, each]) => each.source.address.startsWith(sender))
            const oldest = others.find(([, each]) => each.digest === null) ?? others[0]
            expect(first).to.equal(oldest?.[0])
          }
        }
      }),
    )
  })
})
