import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FleetMemory } from '../fleet/fleet-memory.ts'
import type { PullAccess } from '../fleet/independence.ts'
import type { Rollout } from './rollout.ts'
import { unitsOfBot } from './unit.ts'
import { judgeUnit, type JudgedUnit } from './unit-status.ts'

/** So many bots are judged before polls get their turn: about a millisecond. */
const AT_ONCE = 1_000

/**
 * Says how far each unit of the tag of a rollout is. All are seen as they are when it is called, however long it takes: what is
 * known of a bot is never changed, only replaced.
 *
 * @param now Milliseconds since 1970.
 */
export async function judgeFleet(
  memory: Pick<FleetMemory, 'bots'>,
  rollout: Rollout,
  access: PullAccess,
  now: number,
): Promise<JudgedUnit[]> {
  const { model, tag, startedAt } = rollout
  const bots = [...memory.bots(model)]
  const judged: JudgedUnit[] = []
  for (const [index, bot] of bots.entries()) {
    if (index > 0 && index % AT_ONCE === 0) await nextTurn()
    for (const unit of unitsOfBot(bot, tag, { access, before: startedAt }, now)) {
      judged.push(judgeUnit(rollout, unit))
    }
  }
  return judged
}
