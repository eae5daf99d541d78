import type { FleetMemory } from './fleet-memory.ts'
import { isLive } from './bot.ts'
import { botNameOf } from './bot-name.ts'

/** So many are named. */
const NAMED = 5

/** The bots whose processes poll without a token of their own and are there: neither lost nor replaced. */
export function findBotsWithoutToken(memory: Pick<FleetMemory, 'records'>): {
  count: number
  names: string[]
} {
  const bots = new Set<string>()
  for (const { model, record } of memory.records()) {
    const { source } = record
    if (source.token === null && isLive(record)) bots.add(`${botNameOf(source)} of ${model}`)
  }
  return { count: bots.size, names: [...bots].toSorted().slice(0, NAMED) }
}
