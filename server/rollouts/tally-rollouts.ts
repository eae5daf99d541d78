import type { FleetMemory } from '../fleet/fleet-memory.ts'
import type { PullAccess } from '../fleet/independence.ts'
import { forEachBot } from '../fleet/list-fleet.ts'
import { addToTally, newTally, type RolloutTally } from './rollout-counts.ts'
import { hasEnded, type Rollout } from './rollout.ts'
import { maySoak, soakedUntil } from './soaked-until.ts'
import { StepBots } from './step-bots.ts'
import { unitsOfBot } from './unit.ts'
import { judgeUnit } from './unit-status.ts'

/** What bots are counted from. */
export interface TalliedFleet {
  readonly memory: FleetMemory
  readonly access: PullAccess
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * Counts the bots of rollouts of one model, all in one go through its bots. One that has ended keeps what was counted then.
 *
 * @returns What was counted for each that is under way.
 */
export async function tallyRollouts(
  rollouts: readonly Rollout[],
  model: string,
  { memory, access, now }: TalliedFleet,
): Promise<Map<Rollout, RolloutTally>> {
  const tallies = new Map(rollouts.filter((one) => !hasEnded(one)).map((one) => [one, newTally()]))
  if (tallies.size === 0) return tallies
  const soaking = new Map([...tallies.keys()].filter(maySoak).map((one) => [one, new StepBots(one)]))
  await forEachBot(memory, model, (bot) => {
    for (const [rollout, tally] of tallies) {
      if (!bot.processes.some(({ tag }) => tag === rollout.tag)) continue
      const terms = { access, before: rollout.startedAt }
      for (const unit of unitsOfBot(bot, rollout.tag, terms, now)) {
        const judged = judgeUnit(rollout, unit)
        addToTally(tally, rollout, judged)
        soaking.get(rollout)?.add(judged)
      }
    }
  })
  for (const [rollout, bots] of soaking) {
    const tally = tallies.get(rollout)
    if (tally !== undefined) tally.soakedUntil = soakedUntil(rollout, bots, access, now)
  }
  return tallies
}
