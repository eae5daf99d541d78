import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FleetReader, ProcessPosition, StoredBot, StoredProcess } from '../catalog/fleet.ts'
import { newBot, type Bot } from './bot.ts'

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
  const groups = new Map<string, StoredProcess[]>()
  for (const process of page) {
    const key = `${process.model}\n${process.bot}`
    groups.set(key, [...(groups.get(key) ?? []), process])
  }
  const names = [...groups.values()].flatMap(([first]) => first ?? [])
  const stored = new Map<string, StoredBot>(
    (await catalog.findBots(names)).map((bot) => [`${bot.model}\n${bot.bot}`, bot] as const),
  )
  return [...groups].map(([key, processes]) => {
    const { model = '', bot = '' } = processes[0] ?? {}
    return {
      ...newBot(model, bot),
      ...stored.get(key),
      processes: processes.map(({ record }) => record),
    }
  })
}
