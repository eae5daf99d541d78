import { expect } from 'chai'
import { IMMEDIATE } from '../../protocol/rollout-policy.ts'
import { MINUTE, SECOND, START } from './facts.ts'
import { CoreServer } from './simulator/core-server.ts'
import { EventQueue } from './simulator/event-queue.ts'
import { Invariants } from './simulator/invariants.ts'
import { Random } from './simulator/random.ts'
import { SimulatedFleet } from './simulator/simulated-fleet.ts'
import { SimulatedProcess } from './simulator/simulated-process.ts'

const PROMOTED_AT = START + 5 * MINUTE

/** Several servers, as far as a check sees them: what each of them says may differ. */
class SeveralServers extends CoreServer {
  /** Processes that were answered while the database did not. */
  readonly uncounted = new Set<string>()
  /** What the server that answered a process calls the bot of another one, where that is not what its own says: `asking process`. */
  readonly otherNames = new Map<string, string>()

  override isKnown(process = ''): boolean {
    return !this.uncounted.has(process)
  }

  override unitOf(process: string, asking = process): string | undefined {
    return this.otherNames.get(`${asking} ${process}`) ?? super.unitOf(process)
  }
}

describe('the check of a simulation that no more bots load at once than may', () => {
  /** Two bots that ran the old release when another one was promoted with `maxUpdating` 1; the first of them loads it. */
  const twoBots = () => {
    const queue = new EventQueue(START)
    const server = new SeveralServers({ needsToken: false }, START)
    const invariants = new Invariants(server, queue)
    const world = {
      queue,
      random: new Random(1),
      server,
      faults: new Set<never>(),
      intervalSeconds: 10,
      loadSeconds: 20,
      failedOnce: new Set<string>(),
      droppedOnce: new Set<string>(),
      qualityOf: () => 'good' as const,
      onAnswer: () => undefined,
    }
    const fleet = new SimulatedFleet(world, 0, 1)
    invariants.watch(fleet)
    const [loading, asking] = ['pod-1', 'pod-2'].map((bot, index) => {
      const source = { instance: bot, token: null, address: `10.0.0.${index + 1}` }
      const process = new SimulatedProcess(world, bot, source, () => undefined)
      fleet.processes.push(process)
      for (const digest of [null, server.old.digest, server.old.digest])
        server.poll({ process: process.name, source, digest, hints: [] }, (queue.now += SECOND))
      return process
    }) as [SimulatedProcess, SimulatedProcess]
    queue.now = PROMOTED_AT
    server.promote({ ...IMMEDIATE, maxUpdating: 1 }, queue.now)
    const take = (process: SimulatedProcess, digest: string | null) => {
      const poll = { process: process.name, source: process.source, digest, hints: [] }
      const answer = server.poll(poll, (queue.now += SECOND))
      return { poll, answer }
    }
    take(loading, server.old.digest)
    Object.assign(loading, { activity: 'loading', lastPoll: queue.now, lastSaid: server.old.digest })
    /** The second bot is offered the release as well, which the rules would never do. */
    const offer = () => {
      server.promote(IMMEDIATE, (queue.now += SECOND))
      const { poll, answer } = take(asking, server.old.digest)
      server.promote({ ...IMMEDIATE, maxUpdating: 1 }, queue.now)
      invariants.check(asking, poll, answer)
      return invariants.violations
    }
    return { queue, server, loading, asking, offer }
  }

  it('finds two', () => {
    const { offer } = twoBots()
    expect(offer().join()).to.match(
      /2 bots load at once where 1 may: pod-2 was offered a release beside pod-1/,
    )
  })

  it('takes processes for one bot that are one for the server that answered', () => {
    const { asking, loading, offer, server } = twoBots()
    server.otherNames.set(`${asking.name} ${loading.name}`, 'pod-2')
    expect(offer()).to.deep.equal([])
  })

  it('counts nobody of whom the rows cannot tell', () => {
    const { loading, offer, server } = twoBots()
    server.uncounted.add(loading.name)
    expect(offer()).to.deep.equal([])
  })

  it('counts nobody who started at the same moment: whoever starts never waits', () => {
    const { loading, offer, queue } = twoBots()
    Object.assign(loading, { lastPoll: queue.now + 2 * SECOND, lastSaid: null })
    expect(offer()).to.deep.equal([])
  })
})
