import type { StoredBot, StoredProcess } from '../catalog/fleet.ts'
import { newBot, type Bot } from './bot.ts'
import { keyOf } from './key-of.ts'

/** Puts bots together from rows of processes and of bots; each has those of its processes alone that are given. */
export function groupBots(processes: readonly StoredProcess[], bots: readonly StoredBot[]): Bot[] {
  const stored = new Map(bots.map((bot) => [keyOf(bot.model, bot.bot), bot] as const))
  const groups = new Map<string, StoredProcess[]>()
  for (const process of processes) {
    const key = keyOf(process.model, process.bot)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [process])
    else group.push(process)
  }
  return [...groups].map(([key, group]) => {
    const { model = '', bot = '' } = group[0] ?? {}
    return {
      ...newBot(model, bot),
      ...stored.get(key),
      processes: group.map(({ record }) => record),
    }
  })
}
