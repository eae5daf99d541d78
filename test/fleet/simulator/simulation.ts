import { setImmediate as nextTurn } from 'node:timers/promises'
import { count, endingOf, rowOf, type Confusion } from './confusion.ts'
import { GROUP_FAULTS, type Fault, type Quality } from './faults.ts'
import { playHistory, type MakeServer, type Scenario } from './history.ts'
import { Random } from './random.ts'
import { someFaults } from './some-faults.ts'

/** What came of many histories. Plain data. */
export interface SimulationResult {
  histories: number
  /** By what was promoted. */
  confusion: Confusion
  /** Good releases by each fault that was there. */
  byFault: Confusion
  /** Histories in which a promise was broken, with what was seen; the first of them. */
  violations: string[]
  violated: number
  /** How often bots that start were given something while the database did not answer: no broken promise. */
  unrecorded: number
}

export interface SimulationPlan {
  /** Histories of good releases under faults. A twentieth of them more of each bad quality, half of these under faults. */
  readonly healthy: number
  readonly seed: number
  /** What is tested; the pure core unless said. */
  readonly makeServer?: MakeServer
  /** Whether that are several servers: in four of five histories one of them restarts, is cut off, fails to commit or sleeps; half of them have what comes within 200 ms come at once. */
  readonly isGroup?: boolean
  /** How many histories are played at once, where they wait for something; 1 unless said. */
  readonly atOnce?: number
  /** Told after each history. */
  readonly onProgress?: (result: SimulationResult) => void
  /** Ends it after the history that is being played. */
  readonly signal?: AbortSignal
}

const MOST_VIOLATIONS = 20

/** The scenarios of a plan, in an order in which any beginning of it has all kinds. */
export function* scenariosOf(
  plan: Pick<SimulationPlan, 'healthy' | 'seed' | 'isGroup'>,
): Generator<Scenario> {
  let index = 0
  for (const scenario of scenariosOfOne(plan)) {
    yield plan.isGroup === true ? ofGroup(scenario, index++) : scenario
  }
}

/** What happens to one of several servers, besides what happens anyway. */
const OF_GROUPS: readonly Fault[][] = [
  [],
  ['the server restarts often'],
  ...GROUP_FAULTS.map((fault): Fault[] => [fault]),
]

function ofGroup(scenario: Scenario, index: number): Scenario {
  const more = OF_GROUPS[index % OF_GROUPS.length] ?? []
  const togetherMs = Math.floor(index / OF_GROUPS.length) % 2 === 0 ? 0 : 200
  return { ...scenario, faults: [...new Set([...scenario.faults, ...more])], togetherMs }
}

function* scenariosOfOne({ healthy, seed }: Pick<SimulationPlan, 'healthy' | 'seed'>): Generator<Scenario> {
  const random = new Random(seed)
  const bad: Quality[] = ['broken', 'crashing', 'hanging']
  for (let index = 0; index < healthy; index++) {
    yield { seed: seed + index, quality: 'good', faults: someFaults(random, index) }
    if (index % 20 !== 0) continue
    for (const quality of bad) {
      const faults: Fault[] = index % 40 === 0 ? [] : someFaults(random, index / 20)
      yield { seed: seed + index, quality, faults, bots: random.integer(2, 10) }
    }
  }
}

/** Plays all histories of a plan. @throws what the first history throws that cannot be played; the others end then. */
export async function simulate(plan: SimulationPlan): Promise<SimulationResult> {
  const result: SimulationResult = {
    histories: 0,
    confusion: {},
    byFault: {},
    violations: [],
    violated: 0,
    unrecorded: 0,
  }
  const scenarios = scenariosOf(plan)
  const failed = new AbortController()
  const play = async (): Promise<void> => {
    for (const scenario of scenarios) {
      if (plan.signal?.aborted === true) break
      const outcome = await playHistory(scenario, plan.makeServer, failed.signal)
      const ending = endingOf(outcome)
      result.histories++
      result.unrecorded += outcome.unrecorded
      count(result.confusion, rowOf(scenario), ending)
      if (scenario.quality === 'good')
        for (const fault of scenario.faults) count(result.byFault, fault, ending)
      const isWronged = scenario.quality === 'good' && ending === 'reverted'
      if (outcome.violations.length > 0 || isWronged) {
        result.violated++
        const told = `${JSON.stringify(scenario)}: ${[...outcome.violations, outcome.reason ?? ''].join('; ')}`
        if (result.violations.length < MOST_VIOLATIONS) result.violations.push(told)
      }
      plan.onProgress?.(result)
      // The rules alone never wait for anything: without this no signal would be heard.
      await nextTurn()
    }
  }
  const playing = Array.from({ length: plan.atOnce ?? 1 }, () =>
    play().catch((error: unknown) => {
      failed.abort(error)
    }),
  )
  await Promise.all(playing)
  failed.signal.throwIfAborted()
  return result
}
