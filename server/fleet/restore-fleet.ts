import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FleetReader, ProcessPosition, StoredProcess } from '../catalog/fleet.ts'
import type { Bot } from './bot.ts'
import { groupBots } from './group-bots.ts'
import { keyOf } from './key-of.ts'

const READ_AT_ONCE = 1_000

/** Reads all bots from the catalog; one with many processes may come in several parts. */
export async function* restoreFleet(catalog: FleetReader): AsyncGenerator<Bot> {
  for (let cursor: ProcessPosition | undefined; ;) {
    const page = await catalog.listProcesses({
      limit: READ_AT_ONCE,
      ...(cursor === undefined ? {} : { cursor }),
    })
    yield* await botsOf(catalog, page)
    const last = page.at(-1)
    if (last === undefined || page.length < READ_AT_ONCE) return
    cursor = { model: last.model, bot: last.bot, process: last.record.process }
    await nextTurn()
  }
}

async function botsOf(catalog: FleetReader, page: readonly StoredProcess[]): Promise<Bot[]> {
  const names = new Map(page.map(({ model, bot }) => [keyOf(model, bot), { model, bot }]))
  return groupBots(page, await catalog.findBots([...names.values()]))
}
