import type { ProcessRecord } from './process-record.ts'

/** Whether a process is being sent something, loads it, or drains before it is. */
export function isUpdatingProcess({ offer, standing }: Pick<ProcessRecord, 'offer' | 'standing'>): boolean {
  return offer !== null || standing === 'draining'
}

/**
 * The names of the processes that update, by model and bot: few of many, so that counting them does not take a look
 * at the whole fleet for each poll.
 */
export class UpdatingProcesses {
  readonly #models = new Map<string, Map<string, Set<string>>>()

  /** Takes in how a process is now. */
  note(model: string, bot: string, record: ProcessRecord): void {
    if (isUpdatingProcess(record)) this.#add(model, bot, record.process)
    else this.remove(model, bot, record.process)
  }

  remove(model: string, bot: string, process: string): void {
    const bots = this.#models.get(model)
    const processes = bots?.get(bot)
    if (bots === undefined || processes?.delete(process) !== true || processes.size > 0) return
    bots.delete(bot)
    if (bots.size === 0) this.#models.delete(model)
  }

  /** The bots of a model of which a process updates, with the names of these processes. */
  of(model: string): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#models.get(model) ?? new Map()
  }

  #add(model: string, bot: string, process: string): void {
    let bots = this.#models.get(model)
    if (bots === undefined) this.#models.set(model, (bots = new Map<string, Set<string>>()))
    const processes = bots.get(bot)
    if (processes === undefined) bots.set(bot, new Set([process]))
    else processes.add(process)
  }
}
