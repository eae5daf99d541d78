import { ENOUGH_POLLS } from '../fleet/process-record.ts'
import { isExcluded } from './excluded-bots.ts'
import { isLastStep, probeOf, type Rollout, type Step } from './rollout.ts'
import { presentOf, type Unit } from './unit.ts'
import { isJudged } from './working-members.ts'
import { updatedSince, type JudgedUnit, type UnitStatus } from './unit-status.ts'

/** Units by how far they are. */
export type UnitsByStatus = Readonly<Record<UnitStatus, Unit[]>>

/** Far more than there are moments in a soak; the sum of 50,000 moments would not be exact. */
const MARKS = 2 ** 48

/**
 * What a step is judged by, of its bots: put together one by one, so that polls get their turn in between. To look at 50,000 in one
 * turn took 32 ms of CPU time.
 */
export class StepBots {
  readonly #rollout: Rollout
  readonly #step: Step | undefined
  readonly #isLast: boolean
  /** All of the tag that count as evidence. Filled in the last step alone, which is judged by all. */
  readonly all: UnitsByStatus = noUnits()
  /** Those of the step. */
  readonly members: UnitsByStatus = noUnits()
  /** How many are of the step. */
  count = 0
  /** Those that are left out, as a person passed them over. */
  readonly excluded: Unit[] = []
  /** Whether each that runs the release answered its probes rightly. */
  isProbed = true
  /** When the last of them came to run it; milliseconds since 1970, 0: none does. */
  lastBegan = 0
  /** Those that did so last. */
  readonly began: Unit[] = []
  /** Stands for when each of them came to run it. @see SoakClock */
  mark = 0
  /** Whether each was seen running it often enough. */
  isSeenOften = true
  /** How long ago the one that was silent for longest polled; milliseconds since 1970. */
  oldestPoll = Infinity

  constructor(rollout: Rollout) {
    this.#rollout = rollout
    this.#step = rollout.steps[rollout.step]
    this.#isLast = isLastStep(rollout)
  }

  /** Takes in one more unit of the tag. */
  add(judged: JudgedUnit): void {
    const { unit, status } = judged
    if (!unit.isEvidence) return
    if (this.#step !== undefined && isExcluded(this.#rollout, this.#step, judged)) {
      this.excluded.push(unit)
      return
    }
    if (this.#isLast) this.all[status].push(unit)
    if (this.#step === undefined || !isJudged(this.#step, unit, this.#rollout)) return
    this.members[status].push(unit)
    this.count++
    if (status === 'updated') this.#noteRunning(unit)
  }

  #noteRunning(unit: Unit): void {
    const since = updatedSince(unit)
    if (since > this.lastBegan) {
      this.lastBegan = since
      this.began.length = 0
    }
    if (since === this.lastBegan) this.began.push(unit)
    this.mark = (this.mark + since) % MARKS
    for (const { polls, lastSeen } of presentOf(unit)) {
      if (polls < ENOUGH_POLLS) this.isSeenOften = false
      if (lastSeen < this.oldestPoll) this.oldestPoll = lastSeen
    }
    const { policy } = this.#rollout
    if (policy.probes.length > 0 && probeOf(this.#rollout, unit.id) !== 'passed') this.isProbed = false
  }
}

/** The bots of the step under way. @param units All of the tag, with how far each is. */
export function stepBots(rollout: Rollout, units: readonly JudgedUnit[]): StepBots {
  const bots = new StepBots(rollout)
  for (const each of units) bots.add(each)
  return bots
}

function noUnits(): UnitsByStatus {
  return { updated: [], loading: [], waiting: [], failed: [], unclear: [], lost: [] }
}
