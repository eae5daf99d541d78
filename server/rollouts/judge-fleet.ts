import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Bot } from '../fleet/bot.ts'
import type { FleetMemory } from '../fleet/fleet-memory.ts'
import type { PullAccess } from '../fleet/independence.ts'
import type { Rollout } from './rollout.ts'
import { StepBots } from './step-bots.ts'
import { unitsOfBot } from './unit.ts'
import { judgeUnit, type JudgedUnit } from './unit-status.ts'

/** So many units are judged before polls get their turn: about a millisecond. */
const AT_ONCE = 1_000

/**
 * Says how far each unit of the tag of a rollout is. All are seen as they are when it is called, however long it takes: what is
 * known of a bot is never changed, only replaced.
 *
 * @param now Milliseconds since 1970.
 * @param bots Is given each of them.
 */
export async function judgeFleet(
  memory: Pick<FleetMemory, 'bots'>,
  rollout: Rollout,
  access: PullAccess,
  now: number,
  bots = new StepBots(rollout),
): Promise<JudgedUnit[]> {
  const { model, tag, startedAt } = rollout
  const all = [...memory.bots(model)]
  const judged: JudgedUnit[] = []
  let looked = 0
  for (const bot of all) {
    for (const part of inParts(bot)) {
      if (looked >= AT_ONCE) {
        looked = 0
        await nextTurn()
      }
      looked += part.processes.length
      for (const unit of unitsOfBot(part, tag, { access, before: startedAt }, now)) {
        const each = judgeUnit(rollout, unit)
        judged.push(each)
        bots.add(each)
      }
    }
  }
  return judged
}

/** Of a crowded bot each process is a unit of its own: one address may have sent 100,000 names. */
function* inParts(bot: Bot): Generator<Bot> {
  if (!bot.crowded) {
    yield bot
    return
  }
  for (let begin = 0; begin < bot.processes.length; begin += AT_ONCE) {
    yield { ...bot, processes: bot.processes.slice(begin, begin + AT_ONCE) }
  }
}
