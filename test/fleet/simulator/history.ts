import { IMMEDIATE, type RolloutPolicy } from '../../../protocol/rollout-policy.ts'
import { START } from '../facts.ts'
import { CoreServer } from './core-server.ts'
import { EventQueue } from './event-queue.ts'
import type { Fault, Quality } from './faults.ts'
import { isPassed, type Disturbance, type FleetServer } from './fleet-server.ts'
import { Invariants } from './invariants.ts'
import { Random } from './random.ts'
import { SimulatedFleet } from './simulated-fleet.ts'
import type { World } from './simulated-process.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** What a history is about. */
export interface Scenario {
  readonly seed: number
  readonly quality: Quality
  readonly faults: readonly Fault[]
  /** How many bots there are; a random number of them unless said. */
  readonly bots?: number
  readonly policy?: Partial<RolloutPolicy>
  /** What is to happen within so many milliseconds happens at once; 0 unless said: one after the other. */
  readonly togetherMs?: number
}

/** Makes what is tested. @param seed For what it draws itself. */
export type MakeServer = (now: number, seed: number) => FleetServer | Promise<FleetServer>

/** How a history came out. */
export interface Outcome {
  readonly state: string
  /** Whether it is done, and every step passed. */
  readonly isPassed: boolean
  readonly reason: string | null
  readonly isQuarantined: boolean
  /** Bots that were ever offered the new release. */
  readonly touched: number
  /** How often bots that start were given something while the database did not answer. */
  readonly unrecorded: number
  readonly violations: readonly string[]
}

/** Any policy that a team might set. */
export function randomPolicy(random: Random): RolloutPolicy {
  const steps = random.pick<RolloutPolicy['steps']>([
    ['100%'],
    ['100%'],
    [1, '100%'],
    [1, '25%', '100%'],
    ['10%', '50%', '100%'],
    [2, 3, '100%'],
  ])
  const maxUpdating = random.pick([null, 1, 2])
  return {
    ...IMMEDIATE,
    steps,
    maxUpdating,
    soak: random.pick([0, 60, 300]),
    drain: maxUpdating === null ? 0 : random.pick([0, 30]),
  }
}

/**
 * Plays one history in virtual time: a fleet that runs a good release, a promotion, and what follows until the rollout
 * ended, waits for a person, or half a day is over.
 *
 * @param makeServer What is to be tested; the pure core unless said. It is closed, also where this throws.
 * @param signal Ends it in the middle.
 * @throws the reason of `signal`, and whatever what is tested throws.
 */
export async function playHistory(
  scenario: Scenario,
  makeServer: MakeServer = (now) => new CoreServer({ needsToken: false }, now),
  signal?: AbortSignal,
): Promise<Outcome> {
  const server = await makeServer(START, scenario.seed)
  try {
    return await playOver(server, scenario, signal)
  } finally {
    await server.close()
  }
}

async function playOver(
  server: FleetServer,
  scenario: Scenario,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const random = new Random(scenario.seed)
  const queue = new EventQueue(START, scenario.togetherMs)
  const faults = new Set<Fault>()
  const invariants = new Invariants(server, queue)
  const world: World = {
    queue,
    random,
    server,
    faults,
    failedOnce: new Set<string>(),
    droppedOnce: new Set<string>(),
    intervalSeconds: random.pick([10, 30, 100]),
    loadSeconds: random.pick([1, 20, 80]),
    qualityOf: ({ digest }) => (digest === server.next.digest ? scenario.quality : 'good'),
    onAnswer: (process, poll, answer) => {
      invariants.check(process, poll, answer)
    },
  }
  for (const fault of scenario.faults) if (/proxy|share/.test(fault)) faults.add(fault)
  const fleet = new SimulatedFleet(world, scenario.bots ?? random.integer(1, 10), random.pick([1, 1, 1, 2]))
  invariants.watch(fleet)
  tickFor(server, queue)
  while (await queue.step(START + 20 * MINUTE)) signal?.throwIfAborted()

  for (const fault of scenario.faults) faults.add(fault)
  scheduleFaults(world, fleet)
  const policy = { ...randomPolicy(random), ...scenario.policy }
  await server.promote(policy, queue.now)
  const end = queue.now + 12 * HOUR
  while (!isSettled(server) && (await queue.step(end))) {
    signal?.throwIfAborted()
    invariants.checkTruth()
  }
  invariants.checkEnd(scenario.quality)
  await invariants.checkLists()
  const { rollout, isQuarantined } = server
  return {
    state: rollout?.state ?? 'none',
    isPassed: isPassed(rollout),
    reason: rollout?.reason ?? null,
    isQuarantined,
    touched: invariants.touched,
    violations: invariants.violations,
    unrecorded: server.unrecorded ?? 0,
  }
}

function isSettled({ rollout }: FleetServer): boolean {
  return rollout !== null && ['done', 'reverted', 'aborted', 'replaced', 'paused'].includes(rollout.state)
}

function tickFor(server: FleetServer, queue: EventQueue): void {
  queue.after(server.tickSeconds * 1000, async () => {
    await server.tick(queue.now)
    tickFor(server, queue)
  })
}

/** Faults that come by themselves; the others belong to a process. */
function scheduleFaults(world: World, fleet: SimulatedFleet): void {
  const { faults, queue, random, server } = world
  const restart = async (): Promise<void> => {
    fleet.breakOff(await server.restart(queue.now))
  }
  if (faults.has('the server restarts')) queue.after(random.between(0, 10) * MINUTE, restart)
  if (faults.has('the server restarts often')) {
    for (let minute = 1; minute < 60; minute += 7) queue.after(minute * MINUTE, restart)
  }
  const disturb = (what: Disturbance, most: number): void => {
    for (let time = 0; time < 4; time++) {
      const milliseconds = random.between(2, most) * 1000
      queue.after(random.between(0, 15) * MINUTE, () => server.disturb?.(what, queue.now, milliseconds))
    }
  }
  if (faults.has('a server is cut off from its database')) disturb('is cut off', 120)
  if (faults.has('transactions of a server fail')) disturb('fails to commit', 120)
  if (faults.has('a server sleeps')) disturb('sleeps', 60)
  if (faults.has('bots are added')) {
    for (let minute = 0; minute < 3; minute++) {
      queue.after(minute * MINUTE, () => {
        fleet.addBot()
      })
    }
  }
  const killed = ['bots are rescheduled elsewhere', 'a bot goes for good'] as const
  if (killed.some((fault) => faults.has(fault))) {
    for (let minute = 0; minute < 3; minute++) {
      queue.after(minute * MINUTE, () => {
        if (fleet.alive.length > 0) random.pick(fleet.alive).die()
      })
    }
  }
}
